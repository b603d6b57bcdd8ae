using System.Globalization;
using System.Net;
using RelayProxy.Harness;

namespace RelayProxy.Benchmarks.Load;

/// <summary>
/// What people run today: Postfix as a null client, everything at its default that need not be set, in a folder of its own beside whatever
/// Postfix the machine may run.
/// </summary>
internal sealed class PostfixUnderLoad : MailServer
{
    private PostfixUnderLoad(ChildProcess process, IPEndPoint endPoint)
        : base(process, endPoint)
    {
    }

    public override string Name => "postfix";

    public override int WarmUpMessages => 200;

    public static async Task<PostfixUnderLoad> StartAsync(BenchOptions options, StandIn smarthost, string folder)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("Postfix needs root to run in a folder of its own.");
        }

        IPEndPoint endPoint = FreeEndPoint();
        foreach (string name in new[] { "etc", "queue", "data" })
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
        }

        // Its processes run as users of their own, and have to find their way in.
        await RunAsync("chmod", "0755", folder, Path.GetDirectoryName(folder)!);
        await RunAsync("chown", "postfix", $"{folder}/data");
        string log = Path.Combine(folder, "postfix.log");
        await File.WriteAllTextAsync($"{folder}/etc/main.cf", MainCf(options, smarthost, folder, log));
        await File.WriteAllTextAsync($"{folder}/etc/master.cf", MasterCf(endPoint.Port));
        ChildProcess process = Start(log, "postfix", "-c", $"{folder}/etc", "start-fg");
        await GreetedAsync(process, endPoint, log);
        return new PostfixUnderLoad(process, endPoint);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        (int status, string output) = await ChildProcess.RunAsync(program, arguments);
        if (status != 0)
        {
            throw new InvalidOperationException($"{program} ended with {status}:\n{output}");
        }
    }

    /// <summary>The login and the certificate's verification are the relay's; connections at the same time are as many.</summary>
    private static string MainCf(BenchOptions options, StandIn smarthost, string folder, string log) => string.Create(CultureInfo.InvariantCulture, $$"""
        compatibility_level = 3.6
        queue_directory = {{folder}}/queue
        data_directory = {{folder}}/data
        mail_owner = postfix
        setgid_group = postdrop
        maillog_file = {{log}}
        maillog_file_prefixes = {{folder}}
        myhostname = client.example.org
        mydestination =
        mynetworks = 127.0.0.0/8
        inet_interfaces = loopback-only
        inet_protocols = ipv4
        alias_maps =
        alias_database =
        relayhost = [localhost]:{{smarthost.Port}}
        smtp_host_lookup = native
        smtp_tls_wrappermode = yes
        smtp_tls_security_level = secure
        smtp_tls_CAfile = {{smarthost.AuthorityFile}}
        smtp_sasl_auth_enable = yes
        smtp_sasl_security_options = noanonymous
        smtp_sasl_password_maps = inline:{ { [localhost]:{{smarthost.Port}} = {{StandIn.Username}}:{{StandIn.Password}} } }
        smtp_destination_concurrency_limit = {{options.Connections}}
        {{string.Join('\n', options.PostfixSettings)}}

        """);

    /// <summary>Debian's, without what a null client has no use for, and without chroot.</summary>
    private static string MasterCf(int port) => $"""
        127.0.0.1:{port} inet n - n - - smtpd
        postlog  unix-dgram n - n - 1 postlogd
        cleanup  unix n - n - 0 cleanup
        qmgr     unix n - n 300 1 qmgr
        rewrite  unix - - n - - trivial-rewrite
        bounce   unix - - n - 0 bounce
        defer    unix - - n - 0 bounce
        trace    unix - - n - 0 bounce
        tlsmgr   unix - - n 1000? 1 tlsmgr
        tlsproxy unix - - n - 0 tlsproxy
        smtp     unix - - n - - smtp
        relay    unix - - n - - smtp
        error    unix - - n - - error
        retry    unix - - n - - error
        anvil    unix - - n - 1 anvil
        scache   unix - - n - 1 scache
        proxymap unix - - n - - proxymap

        """;
}
