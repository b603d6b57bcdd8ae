using System.Text.RegularExpressions;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Privilege;

/// <summary>
/// A user who is nobody, without capabilities and without a home, on a machine where nothing can be written but the queue's folder: the relay does all of
/// its work there, every command does too, and none tries to write anywhere else. Needs root, to give it up.
/// </summary>
[Collection(nameof(Mounts))]
public sealed partial class FewRightsTests : IAsyncDisposable
{
    private const string Nobody = "65534";

    /// <summary>In a mount namespace of its own every file system is made read-only, but for the queue; then all rights are given up.</summary>
    private const string Confine =
        """
        queue=$1; shift
        mount --bind "$queue" "$queue"
        while read -r _ where _; do
            case $where in "$queue" | /proc | /proc/*) ;; *) mount -o remount,bind,ro "$where" 2>/dev/null ;; esac
        done < /proc/self/mounts
        unset HOME XDG_STATE_HOME XDG_RUNTIME_DIR
        cd /
        exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all "$@"
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeSmarthost _smarthost = new()
    {
        OnRcpt = step => step.Line.Contains("bounce@", StringComparison.Ordinal) ? "550 5.1.1 Nobody of that name"
            : step.Line.Contains("defer@", StringComparison.Ordinal) ? "451 4.3.0 Later"
            : "250 2.1.5 Ok",
    };

    private string Queue => _folder["queue"];

    public async ValueTask DisposeAsync()
    {
        await _smarthost.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task One_writable_folder_and_no_right_is_enough_for_everything()
    {
        _smarthost.Listen();
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)Convert.ToInt32("755", 8));
        Directory.CreateDirectory(Queue, (UnixFileMode)Convert.ToInt32("700", 8));
        await ChildProcess.RunAsync("chown", [$"{Nobody}:{Nobody}", Queue]);
        string password = _folder.Write("password", _smarthost.Password);
        await ChildProcess.RunAsync("chown", [Nobody, password]);
        File.Copy(TestCertificates.AuthorityFile, _folder["ca.pem"]);
        File.SetUnixFileMode(_folder["ca.pem"], (UnixFileMode)Convert.ToInt32("644", 8));

        await using (RelayProcess relay = await StartAsync(password, watched: true))
        {
            await SendAsync(relay, "box@example.net");
            await _smarthost.NextMailAsync();
            await SendAsync(relay, "bounce@example.net");
            Assert.Equal("", (await _smarthost.NextMailAsync()).Sender);
            await SendAsync(relay, "defer@example.net");
            await relay.WaitForLineAsync("to=<defer@example.net>");
            relay.Signal(15);
            await relay.ExitedAsync();
        }

        (int written, int refused) = Attempts();
        Assert.Equal((0, 0), (written, refused));

        int commands;
        await using (RelayProcess relay = await StartAsync(password, watched: false))
        {
            Dictionary<string, string> status = File.ReadLines($"/proc/{relay.Id}/status").Select(line => line.Split(':', 2)).ToDictionary(field => field[0], field => field[1].Trim());
            Assert.Equal(string.Join('\t', Enumerable.Repeat(Nobody, 4)), status["Uid"]);
            Assert.Equal(("1", "0000000000000000", "0000000000000000"), (status["NoNewPrivs"], status["CapEff"], status["CapBnd"]));

            _smarthost.OnRcpt = null;
            commands = await TryEveryCommandAsync(relay, password);
            relay.Signal(9);
            await relay.ExitedAsync();
        }

        // And after a death without warning.
        await using (RelayProcess relay = await StartAsync(password, watched: false))
        {
            await SendAsync(relay, "last@example.net");
            relay.Signal(15);
            Assert.Equal(0, await relay.ExitedAsync());
        }

        Assert.Contains(_smarthost.Mails, mail => mail.Recipients.Contains("defer@example.net"));
        Assert.Contains(_smarthost.Mails, mail => mail.Recipients.Contains("sent@example.net"));
        Assert.Contains(_smarthost.Mails, mail => mail.Recipients.Contains("last@example.net"));
        Figures.Note(
            "few rights", ("starts", 3), ("commands", commands), ("files written outside the queue", written), ("attempts refused", refused), ("messages", _smarthost.Mails.Count));
    }

    private async Task<int> TryEveryCommandAsync(RelayProcess relay, string password)
    {
        await SendAsync(relay, "kept@example.net");
        string[][] commands =
        [
            ["config", "show"], ["check"], ["check", "--connect"], ["queue", "list"], ["queue", "retry", "--all"], ["drain", "--timeout", "50s"], ["trace", "app@example.org"],
            ["mailq"], ["top", "--once"], ["health"], ["aliases", "check"], ["newaliases"], ["version"], ["--help"],
        ];
        foreach (string[] command in commands)
        {
            (int exit, string output, string error) = await RunAsync([.. command, .. command[0] == "--help" ? [] : Settings(password, relay)]);
            Assert.True(exit == 0, $"{string.Join(' ', command)} ended with {exit}: {output}{error}");
        }

        (int sent, _, string told) = await RunAsync(["sendmail", .. Settings(password, relay), "-f", "app@example.org", "sent@example.net"], "Subject: x\n\nx\n"u8.ToArray());
        Assert.True(sent == 0, told);
        return commands.Length + 1;
    }

    private string[] Settings(string password, RelayProcess? relay) =>
    [
        "--Smarthost:Host=localhost", $"--Smarthost:Port={_smarthost.Port}", $"--Smarthost:CaFile={_folder["ca.pem"]}", $"--Smarthost:Username={_smarthost.Username}",
        $"--Smarthost:PasswordFile={password}", "--Intake:HostName=relay.test", "--Rewrite:Origin=example.org", "--Rewrite:AliasFile=", $"--Queue:Path={Queue}", "--Queue:MinFreeOctets=0", .. relay is null ? [] : new[] { $"--Listener:Endpoints={relay.EndPoint}" },
    ];

    private Task<RelayProcess> StartAsync(string password, bool watched) => RelayProcess.StartAsync(
        Queue,
        [.. Settings(password, relay: null).Select(setting => setting[2..])],
        s_environment,
        [.. watched ? Watch : [], .. Launcher]);

    private Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments, byte[]? input = null) =>
        ChildProcess.RunApartAsync(Launcher[0], [.. Launcher[1..], "dotnet", RelayProcess.Assembly, .. arguments], s_environment, input);

    /// <summary>As the unit and the image have it: nothing listens in /tmp for debuggers.</summary>
    private static readonly Dictionary<string, string> s_environment = new() { ["DOTNET_EnableDiagnostics"] = "0" };

    private string[] Launcher => ["unshare", "--mount", "--propagation", "private", "sh", "-c", Confine, "sh", Queue];

    /// <summary>It looks on from the side, so that the relay is who was started, and writes down what is opened, made, renamed and removed; its own file lies outside.</summary>
    private string[] Watch =>
        ["strace", "-D", "-f", "-qq", "--seccomp-bpf", "-e", "trace=open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,symlink,symlinkat,truncate,mknod,mknodat", "-o", _folder["calls"]];

    /// <summary>What was written elsewhere, and what was refused because it would have been.</summary>
    private (int Written, int Refused) Attempts()
    {
        string[] calls = [.. File.ReadLines(_folder["calls"]).SkipWhile(line => !line.Contains("relayproxy.dll", StringComparison.Ordinal))];
        Assert.Contains(calls, line => line.Contains($"{Queue}/queue.db\", O_RDWR", StringComparison.Ordinal));
        string[] changes = [.. calls.Where(line => Change().IsMatch(line) && !line.Contains($"\"{Queue}", StringComparison.Ordinal) && !Harmless().IsMatch(line))];
        string[] refused = [.. changes.Where(line => line.Contains("EROFS", StringComparison.Ordinal) || line.Contains("EACCES", StringComparison.Ordinal))];
        string[] written = [.. changes.Where(line => !line.Contains(" = -1 ", StringComparison.Ordinal))];
        Assert.Empty(written.Concat(refused));
        return (written.Length, refused.Length);
    }

    private static async Task SendAsync(RelayProcess relay, string recipient)
    {
        await using RawClient client = await RawClient.ConnectAsync(relay.EndPoint);
        await client.CommandAsync("EHLO test.example");
        Assert.StartsWith("250", await client.MailAsync("app@example.org", [recipient], "Subject: x\r\n\r\nx"u8.ToArray()), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"O_WRONLY|O_RDWR|O_CREAT|^\d+ +(creat|mkdir|rename|unlink|symlink|truncate|mknod)")]
    private static partial Regex Change();

    /// <summary>What is no file of a disk.</summary>
    [GeneratedRegex("\"/dev/(null|tty)\"|\"/proc/(self|thread-self|\\d+)/")]
    private static partial Regex Harmless();
}
