using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Foreign;

/// <summary>
/// A smarthost nobody here wrote: Postfix with submissions (implicit TLS) and Cyrus SASL, in a folder of its own, beside whatever Postfix the
/// machine may run. What it takes it hands, octet for octet, to a script that puts it into a folder.
/// </summary>
internal sealed class PostfixSmarthost : IAsyncDisposable
{
    public const string Username = "relay";

    /// <summary>With the characters that a mechanism, a shell or a configuration file might trip over.</summary>
    public const string Password = "s3cret =,\"wörd\\";

    private readonly string _folder;
    private readonly ChildProcess _postfix;

    private PostfixSmarthost(string folder, int port, ChildProcess postfix)
    {
        _folder = folder;
        Port = port;
        _postfix = postfix;
        Mail = new CaptureFolder(Path.Combine(folder, "mail"));
    }

    public int Port { get; }

    /// <summary>Everything it has taken.</summary>
    public CaptureFolder Mail { get; }

    /// <summary>Its log so far.</summary>
    public string Log => _postfix.Output;

    public static async Task<PostfixSmarthost> StartAsync()
    {
        await Programs.RequireAsync("postfix", "saslpasswd2", "smtp-source", "swaks", "curl", "python3");
        Assert.True(Environment.IsPrivilegedProcess, "Postfix needs root to run in a folder of its own: run the tests as root.");

        string folder = Directory.CreateTempSubdirectory("relayproxy-postfix-").FullName;
        int port = FreePort();
        await InstallAsync(folder, port);
        ChildProcess postfix = ChildProcess.Start("postfix", ["-c", $"{folder}/etc", "start-fg"]);
        await postfix.WaitForLineAsync(line => line.Contains("daemon started", StringComparison.Ordinal));
        return new PostfixSmarthost(folder, port, postfix);
    }

    /// <summary>Waits for a line of its log, past or to come.</summary>
    public Task<string> WaitForLogAsync(string text) => _postfix.WaitForLineAsync(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>Settings of a relay that gets on with it.</summary>
    /// <param name="folder">Gets the file with the password, which is this one or another.</param>
    internal string[] SettingsFor(TemporaryFolder folder, string password = Password) =>
    [
        "Smarthost:Host=localhost", $"Smarthost:Port={Port}", $"Smarthost:CaFile={TestCertificates.AuthorityFile}",
        $"Smarthost:Username={Username}", $"Smarthost:PasswordFile={folder.Write("password", password + "\n")}", "Smarthost:Provider=Unlimited",
        "Smarthost:MaxConnections=8", "Smarthost:HeloName=relay.test", "Intake:HostName=relay.test", "Rewrite:Origin=example.org", "Rewrite:AliasFile=",
    ];

    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public async ValueTask DisposeAsync()
    {
        Mail.Dispose();
        await _postfix.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task InstallAsync(string folder, int port)
    {
        foreach (string name in new[] { "etc/sasl", "queue", "data", "mail/new", "mail/tmp" })
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
        }

        // Postfix and the capturing script run as users of their own, and have to find their way in.
        await Programs.RunAsync("chmod", "0755", folder);
        await Programs.RunAsync("chown", "postfix", $"{folder}/data");
        await Programs.RunAsync("chown", "nobody", $"{folder}/mail/new", $"{folder}/mail/tmp");

        using X509Certificate2 certificate = TestCertificates.Issue("localhost", "localhost", "127.0.0.1");
        (string certificateFile, string keyFile) = TestCertificates.WritePem(certificate);
        await File.WriteAllTextAsync($"{folder}/etc/main.cf", MainCf(folder, certificateFile, keyFile));
        await File.WriteAllTextAsync($"{folder}/etc/master.cf", MasterCf(folder, port));
        await File.WriteAllTextAsync($"{folder}/capture.sh", CaptureFolder.Script);
        await File.WriteAllTextAsync($"{folder}/etc/sasl/smtpd.conf", $"""
            pwcheck_method: auxprop
            auxprop_plugin: sasldb
            sasldb_path: {folder}/sasldb2
            mech_list: SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN

            """);
        await Programs.RunAsync("sh", ["-c", "printf %s \"$1\" | saslpasswd2 -p -f \"$2\" -u smarthost.test \"$3\"", "sh", Password, $"{folder}/sasldb2", Username]);
        await Programs.RunAsync("chgrp", "postfix", $"{folder}/sasldb2");
        await Programs.RunAsync("chmod", "0640", $"{folder}/sasldb2");
    }

    /// <summary>Nothing in it may touch a message: no header rewriting, no header dropped, nothing added but Received.</summary>
    private static string MainCf(string folder, string certificateFile, string keyFile) => $"""
        compatibility_level = 3.6
        queue_directory = {folder}/queue
        data_directory = {folder}/data
        mail_owner = postfix
        setgid_group = postdrop
        maillog_file = /dev/stdout
        myhostname = smarthost.test
        mydestination =
        mynetworks =
        inet_interfaces = loopback-only
        inet_protocols = ipv4
        alias_maps =
        alias_database =
        relay_domains = static:all
        relay_transport = capture
        local_header_rewrite_clients =
        message_drop_headers =
        smtpd_tls_cert_file = {certificateFile}
        smtpd_tls_key_file = {keyFile}
        smtpd_sasl_type = cyrus
        smtpd_sasl_path = smtpd
        smtpd_sasl_local_domain = smarthost.test
        smtpd_sasl_security_options = noanonymous
        cyrus_sasl_config_path = {folder}/etc/sasl
        smtpd_client_restrictions = permit_sasl_authenticated, reject
        smtpd_relay_restrictions = permit_sasl_authenticated, reject
        smtpd_error_sleep_time = 0

        """;

    private static string MasterCf(string folder, int port) => $$"""
        127.0.0.1:{{port}} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes
        postlog  unix-dgram n - n - 1 postlogd
        cleanup  unix n - n - 0 cleanup
        qmgr     unix n - n 300 1 qmgr
        rewrite  unix - - n - - trivial-rewrite
        bounce   unix - - n - 0 bounce
        defer    unix - - n - 0 bounce
        trace    unix - - n - 0 bounce
        tlsmgr   unix - - n 1000? 1 tlsmgr
        error    unix - - n - - error
        retry    unix - - n - - error
        anvil    unix - - n - 1 anvil
        proxymap unix - - n - - proxymap
        capture  unix - n n - 8 pipe flags= user=nobody argv=/bin/sh {{folder}}/capture.sh {{folder}}/mail ${sender} ${recipient}

        """;
}
