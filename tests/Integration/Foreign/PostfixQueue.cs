using System.Net;
using System.Net.Sockets;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Foreign;

/// <summary>
/// A Postfix of its own in which mail waits: nobody listens where it should go, mail for <c>slow.example</c> is being delivered for ever, and
/// mail that has <c>held@example.com</c> among its recipients is held.
/// </summary>
internal sealed class PostfixQueue : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Accepts, and says nothing.</summary>
    private readonly TcpListener _slow = new(IPAddress.Loopback, 0);

    private readonly int _port = PostfixSmarthost.FreePort();
    private ChildProcess? _postfix;

    private PostfixQueue()
    {
    }

    public static async Task<PostfixQueue> StartAsync()
    {
        await Programs.RequireAsync("postfix", "postqueue");
        Assert.True(Environment.IsPrivilegedProcess, "Postfix needs root to run in a folder of its own: run the tests as root.");
        var queue = new PostfixQueue();
        try
        {
            await queue.RunAsync();
            return queue;
        }
        catch
        {
            await queue.DisposeAsync();
            throw;
        }
    }

    /// <summary>Hands in a message.</summary>
    /// <param name="sender">Empty for the null sender.</param>
    public async Task AddAsync(string sender, int octets, params string[] recipients)
    {
        await using RawClient client = await RawClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _port));
        await client.CommandAsync("EHLO localhost");
        byte[] content = System.Text.Encoding.ASCII.GetBytes($"Subject: test\r\n\r\n{string.Concat(Enumerable.Repeat(new string('x', 70) + "\r\n", octets / 72))}");
        Assert.StartsWith("250 ", await client.MailAsync(sender, recipients, content), StringComparison.Ordinal);
    }

    /// <summary>What it lists: <c>-p</c> for its table, <c>-j</c> for JSON.</summary>
    public Task<string> ListAsync(string flag) => Programs.RunAsync("postqueue", "-c", _folder["show"], flag);

    /// <summary>Waits for a line of its log, past or to come.</summary>
    public Task WaitForLogAsync(string text) => _postfix!.WaitForLineAsync(line => line.Contains(text, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await (_postfix?.DisposeAsync() ?? ValueTask.CompletedTask);
        _slow.Dispose();
        _folder.Dispose();
    }

    private async Task RunAsync()
    {
        _slow.Start();
        foreach (string name in new[] { "etc", "show", "queue", "data" })
        {
            Directory.CreateDirectory(_folder[name]);
        }

        // Postfix runs as users of its own, and has to find its way in.
        await Programs.RunAsync("chmod", "0755", _folder.Path);
        await Programs.RunAsync("chown", "postfix", _folder["data"]);
        _folder.Write("etc/master.cf", $"""
            127.0.0.1:{_port} inet n - n - - smtpd
            postlog  unix-dgram n - n - 1 postlogd
            cleanup  unix n - n - 0 cleanup
            qmgr     unix n - n 300 1 qmgr
            showq    unix n - n - - showq
            rewrite  unix - - n - - trivial-rewrite
            bounce   unix - - n - 0 bounce
            defer    unix - - n - 0 bounce
            trace    unix - - n - 0 bounce
            retry    unix - - n - - error
            anvil    unix - - n - 1 anvil
            proxymap unix - - n - - proxymap
            smtp     unix - - n - - smtp

            """);

        // Its ids are to be longer than the table has room for, as ours are, and the table that of ids that are not.
        _folder.Write("etc/main.cf", MainCf("enable_long_queue_ids = yes"));
        _folder.Write("show/main.cf", MainCf(""));
        _postfix = ChildProcess.Start("postfix", ["-c", _folder["etc"], "start-fg"]);
        await WaitForLogAsync("daemon started");
    }

    private string MainCf(string more) => $$$"""
        compatibility_level = 3.6
        queue_directory = {{{_folder["queue"]}}}
        data_directory = {{{_folder["data"]}}}
        mail_owner = postfix
        setgid_group = postdrop
        maillog_file = /dev/stdout
        myhostname = mail.test
        mydestination =
        inet_interfaces = loopback-only
        inet_protocols = ipv4
        alias_maps =
        alias_database =
        local_header_rewrite_clients =
        smtpd_relay_restrictions = permit_mynetworks, reject
        smtpd_recipient_restrictions = check_recipient_access inline:{{held@example.com=HOLD}}
        relayhost = [127.0.0.1]:1
        transport_maps = inline:{{slow.example=smtp:[127.0.0.1]:{{{((IPEndPoint)_slow.LocalEndpoint).Port}}}}}
        {{{more}}}

        """;
}
