using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RelayProxy.Harness;
using RelayProxy.Harness.Load;

namespace RelayProxy.Benchmarks.Load;

/// <summary>What a sendmail finds on a machine where it is installed: the relay that runs, its run-time folder, and the files of the others.</summary>
internal sealed class SendmailStage : IAsyncDisposable
{
    public const string Ours = "sendmail";

    private static readonly TimeSpan s_toStart = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _relay;

    private SendmailStage(ChildProcess relay, IReadOnlyList<CalledProgram> programs) => (_relay, Programs) = (relay, programs);

    public IReadOnlyList<CalledProgram> Programs { get; }

    /// <param name="dma">Its executable; empty to leave it out.</param>
    public static async Task<SendmailStage> SetAsync(string relay, string dma, string folder, StandIn smarthost)
    {
        await ShellAsync("mount -t tmpfs none /run && mkdir /run/relayproxy /run/over /run/work"
            + " && mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/over,workdir=/run/work /etc");
        IPEndPoint endPoint = FreeEndPoint();
        ChildProcess process = ChildProcess.Start(
            relay,
            [
                "serve", $"--Listener:Endpoints={endPoint}", $"--Queue:Path={folder}/queue", "--Queue:MinFreeOctets=0", "--Rewrite:Origin=example.org", "--Rewrite:AliasFile=",
                "--Logging:Level=Warning", "--Smarthost:Host=localhost", $"--Smarthost:Port={smarthost.Port}", $"--Smarthost:CaFile={smarthost.AuthorityFile}",
                $"--Smarthost:Username={StandIn.Username}", $"--Smarthost:Password={StandIn.Password}", "--Smarthost:Provider=Unlimited",
            ],
            new Dictionary<string, string> { ["RUNTIME_DIRECTORY"] = "/run/relayproxy" });
        for (DateTime end = DateTime.UtcNow + s_toStart; !File.Exists("/run/relayproxy/sendmail"); await Task.Delay(10))
        {
            if (process.HasExited || DateTime.UtcNow > end)
            {
                throw new InvalidOperationException($"The relay does not start:\n{process.Output}");
            }
        }

        File.CreateSymbolicLink("/run/sendmail", relay);
        Directory.CreateDirectory($"{folder}/alone", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new SendmailStage(process,
        [
            new("dd, which measures the measuring", ["dd", "of=/dev/null", "status=none"]),
            new(Ours, ["/run/sendmail", "-i", "ann@example.net"]),
            new("sendmail, reading the configuration", ["/run/sendmail", "-i", "ann@example.net"], new Dictionary<string, string>
            {
                ["RELAYPROXY_Listener__Endpoints"] = endPoint.ToString(),
            }),
            new("sendmail, without a relay, into the queue", ["/run/sendmail", "-i", "ann@example.net"], new Dictionary<string, string>
            {
                ["RELAYPROXY_Listener__Endpoints"] = "unix:/run/nobody",
                ["RELAYPROXY_Queue__Path"] = $"{folder}/alone",
                ["RELAYPROXY_Queue__MinFreeOctets"] = "0",
            }),
            new("msmtp, to the smarthost (TLS, login)", ["msmtp", "-C", Msmtp(folder, "smarthost", "localhost", smarthost.Port, $"""
                tls on
                tls_starttls off
                tls_trust_file {smarthost.AuthorityFile}
                auth plain
                user {StandIn.Username}
                password {StandIn.Password}
                """), "-i", "ann@example.net"]),
            new("msmtp, to the relay (neither)", ["msmtp", "-C", Msmtp(folder, "relay", "127.0.0.1", endPoint.Port, "tls off"), "-i", "ann@example.net"]),
            .. dma.Length > 0 ? [await DmaAsync(dma, folder)] : Array.Empty<CalledProgram>(),
        ]);
    }

    public ValueTask DisposeAsync() => _relay.DisposeAsync();

    private static string Msmtp(string folder, string name, string host, int port, string rest)
    {
        string path = $"{folder}/msmtprc-{name}";
        File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"account default\nhost {host}\nport {port}\nfrom root@example.org\n{rest}\n"));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    /// <summary>On the same disk as the relay's queue. It queues, and leaves delivery to another time: otherwise a process would stay behind for each message.</summary>
    private static async Task<CalledProgram> DmaAsync(string dma, string folder)
    {
        await ShellAsync($"chmod 755 {folder} && mkdir {folder}/spool /etc/dma && chown root:mail {folder}/spool && chmod 2775 {folder}/spool"
            + $" && printf 'SPOOLDIR {folder}/spool\\nSMARTHOST localhost\\nMAILNAME example.org\\n' >/etc/dma/dma.conf && touch /etc/dma/auth.conf && chgrp mail /etc/dma/*");
        return new CalledProgram("dma, into its queue", [dma, "-bq", "-i", "ann@example.net"]);
    }

    private static async Task ShellAsync(string script)
    {
        (int status, string output) = await ChildProcess.RunAsync("sh", ["-c", script]);
        if (status != 0)
        {
            throw new InvalidOperationException($"{script}:\n{output}");
        }
    }

    private static IPEndPoint FreeEndPoint()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
