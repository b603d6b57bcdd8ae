using System.Net;
using System.Text.Json;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Privilege;

/// <summary>
/// A relay's whole life with secrets that cannot be mistaken, at a smarthost that repeats them at every step; then all that it has printed, stored, sent and
/// handed on is searched for each of them, in every encoding.
/// </summary>
public sealed class SecretsTests : IAsyncDisposable
{
    private const string Initial = "Kestrel+moth/seven\"of=nine&plum";
    private const string Rotated = "Walnut%20tram\\eleven=of+two/fig";
    private const string Commanded = "Badger!quay<thirteen>of=six+pear";
    private const string InUrl = "Otter:lime@seventeen/of?four+kiwi";
    private const string AccessToken = "ya29.Heron-barge_nineteen.of~eight+date/quince==";
    private const string Salt = "Newt+vale/twenty=three&sloe";
    private const string Collector = "Finch+pier/twenty=nine&olive";
    private const string ClientsOwn = "Stoat+wharf/thirty=one&mango";
    private const string Misplaced = "true-Lynx+dock/thirty=seven&grape";
    private const int SigHup = 1, SigAbort = 6, SigTerm = 15;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeCollector _collector = new();
    private readonly TalkativeSmarthost _smarthost = new();
    private readonly Hoard _hoard = new();
    private readonly (string CertificateFile, string KeyFile) _certificate = TestCertificates.WritePem(TestCertificates.Client);
    private readonly List<string> _ours = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Config => _folder["relayproxy.json"];

    private string Queue => _folder["queue"];

    public async ValueTask DisposeAsync()
    {
        await _smarthost.DisposeAsync();
        await _collector.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task No_secret_is_in_anything_that_the_relay_prints_stores_sends_or_hands_on()
    {
        await LiveUntilItCrashesAsync();
        await LiveOnFromTheEnvironmentAsync();
        await ImportAsync();
        _hoard.AddFolder(_folder.Path, [.. _ours]);
        foreach (CapturedMail mail in _smarthost.Smarthost.Mails)
        {
            _hoard.Add($"mail to {mail.Recipients[0]}", mail.Content);
        }

        foreach ((string path, string body) in _collector.Posts)
        {
            _hoard.Add($"collector {path} {_hoard.Count}", Sequences.Octets(body));
        }

        _hoard.Require("first log", "to=<defer@example.net>");
        _hoard.Require("first log", "235 2.7.0 you said ***");
        _hoard.Require("first log", "535 5.7.8 you said ***");
        _hoard.Require("second log", "ready: ");
        _hoard.Require("queue.db", "defer@example.net");
        _hoard.Require("child's environment", "PATH=");
        _hoard.Require("mail to app@example.org", "550 5.1.1");
        _hoard.Require("queue show", "you said ***");
        _hoard.Require("trace", "bounce@example.net");
        _hoard.Require("config show", "PasswordFile");
        _hoard.Require("/metrics", "relayproxy_");
        Assert.Contains(_collector.Posts, post => post.Path.EndsWith("/v1/traces", StringComparison.Ordinal));

        var search = new SecretSearch(Secrets());
        List<string> found = _hoard.Find(search);
        Assert.Empty(found);
        Figures.Note(
            "secrets", ("secrets", Secrets().Count()), ("forms looked for", search.Count), ("places", _hoard.Count), ("octets", _hoard.Octets), ("found", found.Count));
    }

    /// <summary>Settings in a file: each way of logging in, mail of each fate, settings that are bad, every command, and a crash.</summary>
    private async Task LiveUntilItCrashesAsync()
    {
        string passwordFile = Secret("password", Initial);
        string dump = _folder["child"];
        string command = Secret("ask.sh", $"cat /proc/self/environ > {dump}; tr '\\0' ' ' < /proc/$PPID/cmdline > {dump}.parent; echo '{Commanded}'\n");
        Configure(Config, ("PasswordFile", passwordFile), ("Mechanisms", "PLAIN"));
        _smarthost.IsWelcome = false;
        await using RelayProcess relay = await StartAsync($"--config={Config}");
        IPEndPoint probes = await relay.ProbesAsync();

        await SendAsync(relay, "waits@example.net");
        await relay.WaitForLineAsync("to=<waits@example.net>");

        File.WriteAllText(passwordFile, Rotated);
        _smarthost.IsWelcome = true;

        // The log is ahead of the queue: what is told there as deferred may not be so yet.
        for (int readings = 0; !relay.Lines.Any(line => line.Contains("SIGHUP: 1 deferred", StringComparison.Ordinal)); readings++)
        {
            relay.Signal(SigHup);
            await WaitUntilAsync(() => relay.Lines.Count(line => line.Contains("tried now", StringComparison.Ordinal)) > readings);
        }

        await _smarthost.Smarthost.NextMailAsync();
        await SendAsync(relay, "bounce@example.net");
        await _smarthost.Smarthost.NextMailAsync();
        await SendAsync(relay, "defer@example.net");
        await relay.WaitForLineAsync("to=<defer@example.net>");

        Configure(Config, ("PasswordCommand", $"sh {command}"), ("Mechanisms", "LOGIN"));
        relay.Signal(SigHup);
        await relay.WaitForLineAsync("Smarthost:PasswordCommand is now");
        await SendAsync(relay, "commanded@example.net");
        await _smarthost.Smarthost.NextMailAsync();
        _hoard.Add("child's environment", File.ReadAllBytes(dump));
        Assert.DoesNotContain(File.ReadAllText(dump).Split('\0'), variable => variable.StartsWith("RELAYPROXY_", StringComparison.Ordinal) || variable.StartsWith("OTEL_", StringComparison.Ordinal));

        Configure(Config, ("AccessTokenFile", Secret("token", AccessToken)), ("Mechanisms", "XOAUTH2"));
        _smarthost.IsWelcome = false;
        relay.Signal(SigHup);
        await relay.WaitForLineAsync("Smarthost:AccessTokenFile is now");
        await SendAsync(relay, "token@example.net");
        await relay.WaitForLineAsync("the token was refused: status invalid_token");

        await BeRudeAsync(relay.EndPoint);
        await TryEveryCommandAsync(relay);
        await MisplaceAsync(relay);
        foreach (string path in (string[])["/metrics", "/healthz", "/readyz", "/livez", "/"])
        {
            _hoard.Add($"first {path}", await HttpQuestion.AskAsync(probes, $"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"));
        }

        _hoard.Add("first command line", File.ReadAllBytes($"/proc/{relay.Id}/cmdline"));
        Assert.Contains("Max core file size        0                    0 ", File.ReadAllText($"/proc/{relay.Id}/limits"), StringComparison.Ordinal);

        // The first takes the runtime's own handler away, and the next is fatal.
        Task<int> ended = relay.ExitedAsync();
        while (!ended.IsCompleted)
        {
            relay.Signal(SigAbort);
            await Task.WhenAny(ended, Task.Delay(20, Token));
        }

        Assert.Equal(128 + SigAbort, await ended);
        _hoard.Add("first log", string.Join('\n', relay.Lines));
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder.Path, "core*", SearchOption.AllDirectories), _ => true);
    }

    /// <summary>The queue that the first left, and settings in variables only.</summary>
    private async Task LiveOnFromTheEnvironmentAsync()
    {
        _smarthost.IsWelcome = true;
        await using RelayProcess relay = await StartAsync("--Smarthost:Mechanisms=PLAIN", InTheEnvironment());
        await SendAsync(relay, "second@example.net");
        await _smarthost.Smarthost.NextMailAsync();
        (_, string output, string error) = await ChildProcess.RunApartAsync(
            "dotnet", [RelayProcess.Assembly, "config", "show", $"--Queue:Path={Queue}"], InTheEnvironment());
        _hoard.Add("second config show", output + error);
        _hoard.Add("second command line", File.ReadAllBytes($"/proc/{relay.Id}/cmdline"));
        relay.Signal(SigTerm);
        await relay.ExitedAsync();
        _hoard.Add("second log", string.Join('\n', relay.Lines));
    }

    private Dictionary<string, string> InTheEnvironment() => new()
    {
        ["RELAYPROXY_Smarthost__Url"] = $"smtps://relay:{Uri.EscapeDataString(InUrl)}@localhost:{_smarthost.Smarthost.Port}",
        ["RELAYPROXY_Smarthost__CaFile"] = TestCertificates.AuthorityFile,
    };

    private async Task TryEveryCommandAsync(RelayProcess relay)
    {
        // Those that log in go by each mechanism, and are refused with all that they said.
        (_smarthost.Secret, _smarthost.IsWelcome) = (Rotated, false);
        string file = _folder["commands.json"];
        foreach (string mechanism in (string[])["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"])
        {
            Configure(file, ("PasswordFile", _folder["password"]), ("Mechanisms", mechanism));
            Assert.Contains("535", await RunAsync(file, "check", "--connect"), StringComparison.Ordinal);
        }

        foreach (string mechanism in (string[])["XOAUTH2", "OAUTHBEARER"])
        {
            Configure(file, ("AccessTokenFile", _folder["token"]), ("Mechanisms", mechanism));
            Assert.Contains("535", await RunAsync(file, "check", "--connect"), StringComparison.Ordinal);
        }

        Configure(file, ("PasswordFile", _folder["password"]));
        string id = (await RunAsync(file, "queue", "list")).Split('\n').First(line => line.Contains("defer@", StringComparison.Ordinal)).Split(' ')[0];
        await Parallel.ForEachAsync(
            (string[][])
            [
                ["config", "show"], ["config", "show", "--json"], ["config", "schema"], ["check"], ["queue", "list", "--json"], ["queue", "show", id],
                ["queue", "show", id, "--json"], ["queue", "export", id], ["trace", "app@example.org"], ["trace", id, "--json"], ["mailq"], ["top", "--once"],
                ["top", "--once", "--json"], ["health", $"--Listener:Endpoints={relay.EndPoint}"], ["aliases", "lookup", "box@example.net"], ["--help"],
                ["rewrite", "test", _folder.Write("letter", "From: a@example.net\r\n\r\nx\r\n")],
            ],
            new ParallelOptions { MaxDegreeOfParallelism = 3 },
            async (command, _) => await RunAsync(file, command));
    }

    /// <summary>A secret where something else belongs: told when the settings are read, and when a relay that runs reads them again.</summary>
    private async Task MisplaceAsync(RelayProcess relay)
    {
        string[] bad =
        [
            $$"""{ "Smarthost": { "Host": "localhost", "Username": "relay", "Password": {{Misplaced}} } }""",
            Json(("Host", "localhost"), ("Username", "relay"), ("PasswordFile", Misplaced)),
            Json(("Host", "localhost"), ("AccessTokenFile", Misplaced)),
            Json(("Host", $"smtps://relay:{Misplaced}@localhost")),
            Json(("Url", $"localhost relay {Misplaced}")),
            Json(("UrlFile", Misplaced)),
            Json(("Host", "localhost"), ("Username", "relay"), ("Pasword", Misplaced)),
            Json(("Host", "localhost"), ("Username", "relay"), ("Password", new[] { Misplaced, Misplaced })),
            Json(("Host", "localhost"), ("Username", "relay"), ("Password", Misplaced + "\0")),
            Json(("Host", "localhost"), ("Username", "relay"), ("Password", Misplaced), ("PasswordFile", _folder["password"]), ("PasswordCommand", "cat 'open")),
        ];
        for (int i = 0; i < bad.Length; i++)
        {
            File.WriteAllText(Config, bad[i]);
            relay.Signal(SigHup);
            await WaitUntilAsync(() => relay.Lines.Count(line => line.Contains("stay in effect", StringComparison.Ordinal)) > i);
        }

        await Parallel.ForEachAsync(bad.Index(), new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (file, _) =>
        {
            string path = Secret($"bad{file.Index}.json", file.Item);
            Assert.Contains(path, await RunAsync(path, file.Index % 2 == 0 ? "check" : "config show"), StringComparison.Ordinal);
        });

        static string Json(params (string Name, object Value)[] smarthost) => JsonSerializer.Serialize(
            new Dictionary<string, object> { ["Smarthost"] = smarthost.ToDictionary(setting => setting.Name, setting => setting.Value) });
    }

    /// <summary>Another program's files, whose passwords go into files of their own.</summary>
    private async Task ImportAsync()
    {
        string into = _folder["imported"];
        foreach ((string program, string name, string text) in ((string, string, string)[])
        [
            ("msmtp", "msmtprc", $"account default\nhost smtp.example.net\nuser box\npassword {Initial}\npasswrd {Rotated}\n"),
            ("ssmtp", "ssmtp.conf", $"mailhub=smtp.example.net:465\nAuthUser=box\nAuthPass={Initial}\nAuthPassword={Rotated}\n"),
            ("nullmailer", "remotes", $"smtp.example.net smtp --user=box --pass={Initial}\nother.example.net --pass={Rotated}\n"),
            ("postfix", "main.cf", $"relayhost = smtp.example.net\nsmtp_sasl_auth_enable = yes\nsmtp_sasl_password_maps = static:box:{Initial}\n"),
        ])
        {
            string file = Secret(Path.Combine(program, name), text);
            _ours.Add(Path.Combine(into, program, "smtp_password"));
            await RunAsync("", "config", "import", program, file, "--output", Path.Combine(into, program, "relayproxy.json"));
        }
    }

    /// <summary>What a client says of its own login is nobody's business either.</summary>
    private static async Task BeRudeAsync(IPEndPoint door)
    {
        string blob = Convert.ToBase64String(Sequences.Octets("\0me\0" + ClientsOwn));
        await using RawClient client = await RawClient.ConnectAsync(door);
        foreach (string line in (string[])["EHLO test.example", $"AUTH PLAIN {blob}", "AUTH LOGIN", blob, $"PASS {ClientsOwn}", $"XAUTH {ClientsOwn}"])
        {
            await client.CommandAsync(line);
        }
    }

    private Task<RelayProcess> StartAsync(string configuration, Dictionary<string, string>? environment = null)
    {
        foreach (string name in (string[])["run", "tmp", "here"])
        {
            Directory.CreateDirectory(_folder[name]);
        }

        environment ??= [];
        environment["RUNTIME_DIRECTORY"] = _folder["run"];
        environment["TMPDIR"] = _folder["tmp"];
        environment["RELAYPROXY_Logging__AddressSalt"] = Salt;
        environment["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-api-key={Uri.EscapeDataString(Collector)}";

        // Whoever starts it may have permitted core files, and where it is started it may write one.
        string[] settings =
        [
            configuration[2..], "Logging:Level=Trace", "Telemetry:Endpoints=127.0.0.1:0", $"Telemetry:OtlpEndpoint={_collector.Url}",
            "Intake:HostName=relay.test", "Rewrite:Origin=example.org", "Rewrite:AliasFile=",
        ];
        return RelayProcess.StartAsync(Queue, settings, environment, "sh", "-c", $"ulimit -c unlimited; cd {_folder["here"]}; exec \"$@\"", "sh");
    }

    private void Configure(string file, params (string Name, object Value)[] smarthost)
    {
        (string, object)[] all =
        [
            ("Host", "localhost"), ("Port", _smarthost.Smarthost.Port), ("CaFile", TestCertificates.AuthorityFile), ("Username", "relay"),
            ("ClientCertificateFile", _certificate.CertificateFile), ("ClientKeyFile", _certificate.KeyFile), .. smarthost,
        ];
        Secret(Path.GetFileName(file), JsonSerializer.Serialize(
            new Dictionary<string, object> { ["Smarthost"] = all.ToDictionary(setting => setting.Item1, setting => setting.Item2) }));
    }

    /// <summary>A file of ours that holds secrets, and is not searched for them.</summary>
    private string Secret(string name, string text)
    {
        lock (_ours)
        {
            _ours.Add(_folder[name]);
        }

        return _folder.Write(name, text);
    }

    private async Task<string> RunAsync(string config, params string[] command)
    {
        string[] settings = config.Length > 0 ? [$"--config={config}", $"--Queue:Path={Queue}"] : [];
        (int _, string output, string error) = await RelayProcess.RunAsync([.. command.SelectMany(word => word.Split(' ')), .. settings]);
        _hoard.Add($"{_hoard.Count} {string.Join(' ', command)}", output + error);
        return output + error;
    }

    private static async Task SendAsync(RelayProcess relay, string recipient)
    {
        await using RawClient client = await RawClient.ConnectAsync(relay.EndPoint);
        await client.CommandAsync("EHLO test.example");
        Assert.StartsWith("250", await client.MailAsync("app@example.org", [recipient], "Subject: x\r\n\r\nx"u8.ToArray()), StringComparison.Ordinal);
    }

    private static async Task WaitUntilAsync(Func<bool> isSo)
    {
        using var safety = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!isSo())
        {
            await Task.Delay(10, safety.Token);
        }
    }

    private IEnumerable<(string Name, string Text)> Secrets() =>
    [
        ("the password", Initial), ("the new password", Rotated), ("what the command says", Commanded), ("the password in the URL", InUrl),
        ("the token", AccessToken), ("the salt", Salt), ("the login at the collector", Collector), ("a client's own password", ClientsOwn),
        ("what was misplaced", Misplaced), ("the key", File.ReadLines(_certificate.KeyFile).ElementAt(1)),
    ];
}
