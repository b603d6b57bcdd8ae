using RelayProxy.Configuration;
using RelayProxy.Harness;
using RelayProxy.Session;
using RelayProxy.Telemetry;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Configuration;

/// <summary>Every source, in order of precedence.</summary>
public sealed class RelayConfigurationTests : IDisposable
{
    private const UnixFileMode WorldReadable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void With_no_source_at_all_every_setting_has_its_default()
    {
        RelayConfiguration read = Read([]);

        Assert.All(read.Report.Settings, setting => Assert.True(setting.IsDefault));
        Assert.Equal(465, read.Options.Smarthost.Port);
    }

    [Fact]
    public void Without_a_smarthost_nothing_is_wrong_but_mail_cannot_be_sent()
    {
        RelayConfiguration read = Read([]);

        ConfigurationException refusal = Assert.Throws<ConfigurationException>(read.RequireGood);
        Assert.Equal("Smarthost:Host (default): is not set; name the smarthost, for example smtp.example.net", refusal.Message);
        Assert.NotNull(Read(["--Smarthost:Host=smtp.example.net"]).RequireGood());
    }

    [Theory]
    [InlineData("{ \"Smarthost\": {\n \"Host\": \"a\u00ff\" } }", "relayproxy.json:2: is not well-formed JSON here: it is not UTF-8; save the file as that")]
    [InlineData("{ \"Smarthost\": {\n \"Host\": \"\\ud800\" } }", "relayproxy.json:2: is not well-formed JSON here: of two \\u that are one character, one is missing")]
    [InlineData("{ \"Smarthost\": {\n \"\\udc00\": 1 } }", "relayproxy.json:1: is not well-formed JSON here: of two \\u that are one character, one is missing")]
    [InlineData("{ \"Smarthost\": {\n \"CaFile\": \"a\\u0000b\" } }", "relayproxy.json:2): holds control characters (a NUL), which no setting may; write it without")]
    public void What_is_no_text_is_told_with_its_line(string file, string problem)
    {
        Directory.CreateDirectory(_folder["etc/relayproxy"]);
        File.WriteAllBytes(_folder["etc/relayproxy/relayproxy.json"], Sequences.Octets(file));

        Assert.EndsWith(problem, Assert.Single(RelayConfiguration.Read(Inputs([])).Problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_comes_later_wins()
    {
        _folder.Write("etc/relayproxy/relayproxy.json", """
            {
              "Smarthost": { "Host": "file", "Username": "file", "HeloName": "file", "CaFile": "file", "Provider": "file" }
            }
            """);
        _folder.Write("run/secrets/smarthost_username", "mounted\n");
        _folder.Write("creds/smtp_username", "loaded\n");

        RelayConfiguration read = RelayConfiguration.Read(Inputs(
            ["--Smarthost:CaFile=line"],
            ("RELAYPROXY_Smarthost__Username", "environment"),
            ("RELAYPROXY_Smarthost__CaFile", "environment"),
            ("RELAYPROXY_Smarthost__HeloName", "environment"),
            ("CREDENTIALS_DIRECTORY", _folder["creds"])));

        Assert.Equal(("file", "default"), (read.Options.Smarthost.Provider, SourceOf(read, "Smarthost:MaxConnections")));
        Assert.Equal(_folder["etc/relayproxy/relayproxy.json"] + ":2", SourceOf(read, "Smarthost:Provider"));
        Assert.Equal("environment", read.Options.Smarthost.HeloName);
        Assert.Equal("loaded", read.Options.Smarthost.Username);
        Assert.Equal("line", read.Options.Smarthost.CaFile);
        Assert.Equal("command line --Smarthost:CaFile", SourceOf(read, "Smarthost:CaFile"));
    }

    [Fact]
    public void The_named_file_is_taken_before_the_usual_ones_and_one_file_is_all_that_is_read()
    {
        _folder.Write("config/relayproxy.json", """{ "Smarthost": { "Host": "checkout", "HeloName": "checkout" } }""");
        Assert.Equal("checkout", Read([]).Options.Smarthost.Host);

        _folder.Write("etc/relayproxy/relayproxy.json", """{ "Smarthost": { "Host": "etc" } }""");
        Assert.Equal(("etc", ""), (Read([]).Options.Smarthost.Host, Read([]).Options.Smarthost.HeloName));

        _folder.Write("mine.json", """{ "Smarthost": { "Host": "variable" } }""");
        Assert.Equal("variable", Read([], ("RELAYPROXY_CONFIG", "mine.json")).Options.Smarthost.Host);

        _folder.Write("option.json", """{ "Smarthost": { "Host": "option" } }""");
        ConfigurationInputs inputs = Inputs([], ("RELAYPROXY_CONFIG", "mine.json")) with { File = "option.json" };
        Assert.Equal("option", RelayConfiguration.Read(inputs).Options.Smarthost.Host);
    }

    [Fact]
    public void A_named_file_that_is_not_there_is_an_error()
    {
        ConfigurationProblem problem = Problem([], ("RELAYPROXY_CONFIG", "/nowhere/relayproxy.json"));

        Assert.Equal("/nowhere/relayproxy.json: does not exist", problem.ToString());
    }

    [Fact]
    public void A_file_that_everyone_may_write_is_not_believed()
    {
        string path = _folder.Write("config/relayproxy.json", """{ "Smarthost": { "Host": "evil" } }""", WorldReadable | UnixFileMode.OtherWrite);

        Assert.Equal($"{path}: may be written by everyone; type: chmod o-w {path}", Problem([]).ToString());
        Assert.Equal("", RelayConfiguration.Read(Inputs([])).Options.Smarthost.Host);
    }

    [Theory]
    [InlineData("""{ "Listener": { "Endpoints": [ "127.0.0.1:2525", "[::1]:2525" ] } }""")]
    [InlineData("""{ "Listener": { "Endpoints": "127.0.0.1:2525, [::1]:2525" } }""")]
    [InlineData("""{ "listener:endpoints": "127.0.0.1:2525,[::1]:2525," }""")]
    public void Lists_are_arrays_or_one_comma_separated_text(string json)
    {
        _folder.Write("config/relayproxy.json", json);

        Assert.Equal(["127.0.0.1:2525", "[::1]:2525"], Read([]).Options.Listener.Endpoints);
    }

    [Theory]
    [InlineData("Listener:Endpoints")]
    [InlineData("Listener:AllowedNetworks")]
    [InlineData("Smarthost:Mechanisms")]
    [InlineData("Smarthost:PinnedSpkiSha256")]
    [InlineData("Smarthost:Disable")]
    public void Lists_can_be_numbered_variables_one_variable_or_one_argument(string key)
    {
        string variable = "RELAYPROXY_" + key.Replace(":", "__", StringComparison.Ordinal);

        // Ten and more are sorted as numbers.
        Assert.Equal("a, b, c", Shown(RelayConfiguration.Read(Inputs([], ($"{variable}__10", "c"), ($"{variable}__2", "b"), ($"{variable}__0", "a"))), key));
        Assert.Equal("a, b, c", Shown(RelayConfiguration.Read(Inputs([], (variable, "a,b, c"))), key));
        Assert.Equal("a, b, c", Shown(RelayConfiguration.Read(Inputs([$"--{key}=a,b,c"])), key));
    }

    [Fact]
    public void A_list_replaces_an_earlier_one_as_a_whole()
    {
        _folder.Write("config/relayproxy.json", """{ "Smarthost": { "Mechanisms": [ "SCRAM-SHA-256", "PLAIN" ] } }""");

        Assert.Equal(["LOGIN"], Read([], ("RELAYPROXY_Smarthost__Mechanisms__0", "LOGIN")).Options.Smarthost.Mechanisms);
    }

    [Fact]
    public void Values_of_every_type_are_read()
    {
        _folder.Write("config/relayproxy.json", """
            // JSON with comments and trailing commas,
            {
              "$schema": "./relayproxy.schema.json",
              "Listener": {
                "MaxConnections": 17, /* numbers */
                "MaxRecipients": "250",
                "MaxMessageOctets": "25MB",
                "AllowNonLoopback": false,
                "BareNewlines": "reject",
                "CommandTimeout": "7m",
              },
              "Queue": { "InlineOctets": 1000, "DelayNoticeAfter": 0, "HistoryFor": null },
              "Smarthost": { "Tls": "starttls", "Username": "box", "Password": " blanks stay " },
              "Intake": { "RemoveBcc": "yes" },
              "Logging": { "Level": "debug", "Format": "Json" },
              "ShutdownGrace": "00:00:10",
            }
            """);

        RelayOptions options = Read([]).Options;

        Assert.Equal((17, 250, 25_000_000L), (options.Listener.MaxConnections, options.Session.MaxRecipients, options.Session.MaxMessageOctets));
        Assert.Equal((BareNewlines.Reject, TimeSpan.FromMinutes(7)), (options.Session.BareNewlines, options.Session.CommandTimeout));
        Assert.Equal((1000, TimeSpan.Zero, TimeSpan.FromDays(7)), (options.Queue.InlineOctets, options.Queue.DelayNoticeAfter, options.Queue.HistoryFor));
        Assert.Equal((SmarthostTls.StartTls, " blanks stay "), (options.Smarthost.Tls, options.Smarthost.Password));
        Assert.True(options.Intake.RemoveBcc);
        Assert.Equal((Microsoft.Extensions.Logging.LogLevel.Debug, LogFormat.Json), (options.Logging.Level, options.Logging.Format));
        Assert.Equal(TimeSpan.FromSeconds(10), options.ShutdownGrace);
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once_with_value_source_and_the_way_out()
    {
        string path = _folder.Write("config/relayproxy.json", """
            {
              "Smarthost": {
                "Hots": "smtp.example.net",
                "Port": 70000,
                "Password": ["a", "b"]
              },
              "Session": { "MaxRecipients": 5 },
              "Queue": { "Path": "spool" }
            }
            """);

        string[] problems = [.. Problems(Inputs(
            ["--Listener:CommandTimeout=5"], ("RELAYPROXY_Listener__MaxMessageOctets", "5k"), ("RELAYPROXY_LOGGINGLEVEL", "x")))
            .Select(problem => problem.ToString())];

        Assert.Equal(
            [
                $"Smarthost:Hots ({path}:3): is no setting of this relay; did you mean Smarthost:Host?",
                $"Smarthost:Port = \"70000\" ({path}:4): is not a whole number from 1 to 65535; write one from 1 to 65535",
                $"Smarthost:Password = \"********\" ({path}:5): takes one value, not a list; write a text on one line",
                $"Session:MaxRecipients ({path}:7): is no setting of this relay; did you mean Listener:MaxRecipients?",
                "LOGGINGLEVEL (environment RELAYPROXY_LOGGINGLEVEL): is no setting of this relay; did you mean Logging:Level?",
                "Listener:MaxMessageOctets = \"5k\" (environment RELAYPROXY_Listener__MaxMessageOctets): is not a size from 1 to 1024GiB; "
                    + "write octets as a number, or with a unit: 512KiB, 50MiB, 25MB",
                "Listener:CommandTimeout = \"5\" (command line --Listener:CommandTimeout): is not a duration from 1s to 1h; "
                    + "write it with a unit (30s, 5m, 1h30m, 5d) or as hh:mm:ss",
                $"Queue:Path ({path}:8): is \"spool\", which is relative; mail must not depend on the folder the relay was started in: "
                    + "write the whole path, such as /var/lib/relayproxy",
            ],
            problems);
    }

    [Theory]
    [InlineData("""{ "Smarthost": { "Host": "a" "Port": 1 } }""", ":1:30")]
    [InlineData("{\n  \"Smarthost\": {\n    Host: 1 } }", ":3:5")]
    [InlineData("[ 1 ]", ":1")]
    [InlineData("{ } { }", ":1:5")]
    [InlineData("", ":1:1")]
    public void Malformed_JSON_is_told_by_line_and_column(string json, string place)
    {
        string path = _folder.Write("config/relayproxy.json", json);

        Assert.Equal(path + place, Problem([]).Source);
    }

    [Fact]
    public void A_key_that_one_source_sets_twice_is_an_error()
    {
        string path = _folder.Write("config/relayproxy.json", "{ \"Queue\": { \"Path\": \"/a\" },\n  \"queue\": { \"path\": \"/b\" } }");

        Assert.Equal($"queue:path ({path}:2): is set a second time; line 1 sets it too: keep one of them", Problem([]).ToString());
        File.Delete(path);

        Assert.Equal(
            "queue:path (environment RELAYPROXY_queue__path): is set a second time; environment RELAYPROXY_Queue__Path sets it too: keep one of them",
            Problem([], ("RELAYPROXY_Queue__Path", "/a"), ("RELAYPROXY_queue__path", "/b")).ToString());
    }

    [Fact]
    public void On_a_command_line_the_last_one_counts() =>
        Assert.Equal("b", Read(["--Smarthost:Host=a", "--Smarthost:Host", "b"]).Options.Smarthost.Host);

    [Fact]
    public void Variables_that_Kubernetes_makes_for_a_service_called_relayproxy_are_no_settings()
    {
        RelayConfiguration read = Read(
            [],
            ("RELAYPROXY_SERVICE_HOST", "10.0.0.1"),
            ("RELAYPROXY_SERVICE_PORT", "25"),
            ("RELAYPROXY_SERVICE_PORT_SMTP", "25"),
            ("RELAYPROXY_PORT", "tcp://10.0.0.1:25"),
            ("RELAYPROXY_PORT_25_TCP_ADDR", "10.0.0.1"),
            ("RELAYPROXY_HUB_SERVICE_HOST", "10.0.0.1"));

        Assert.All(read.Report.Settings, setting => Assert.True(setting.IsDefault));
    }

    [Fact]
    public void A_variable_that_is_empty_counts_as_not_set() =>
        Assert.Equal("default", SourceOf(Read([], ("RELAYPROXY_Smarthost__Port", "")), "Smarthost:Port"));

    [Fact]
    public void A_URL_stands_for_its_parts_and_what_the_same_source_sets_by_itself_wins()
    {
        _folder.Write("config/relayproxy.json", """{ "Smarthost": { "Host": "old", "Port": 2525, "PasswordFile": "/etc/old" } }""");

        RelayConfiguration read = RelayConfiguration.Read(Inputs(
            [],
            ("RELAYPROXY_Smarthost__Url", "smtps://box:hunter2@smtp.example.net"),
            ("RELAYPROXY_Smarthost__Port", "4650")));

        SmarthostOptions smarthost = read.Options.Smarthost;
        Assert.Equal(("smtp.example.net", 4650, "box", "hunter2", ""),
            (smarthost.Host, smarthost.Port, smarthost.Username, smarthost.Password, smarthost.PasswordFile));
        Assert.Equal("smtps://box:********@smtp.example.net", Shown(read, "Smarthost:Url"));
        Assert.Equal("********", Shown(read, "Smarthost:Password"));
    }

    [Fact]
    public void A_URL_written_into_a_file_that_lists_every_setting_is_not_undone_by_the_defaults_around_it()
    {
        string shipped = File.ReadAllText(Repository.Path("config", "relayproxy.json"));
        _folder.Write("config/relayproxy.json", shipped);
        Assert.All(Read([]).Report.Settings, setting => Assert.True(setting.IsDefault));

        _folder.Write("config/relayproxy.json", shipped.Replace("\"Url\": \"\"", "\"Url\": \"smtp+starttls://box:hunter2@smtp.example.net\"", StringComparison.Ordinal));
        SmarthostOptions smarthost = Read([]).Options.Smarthost;

        Assert.Equal(("smtp.example.net", 587, SmarthostTls.StartTls, "box", "hunter2"),
            (smarthost.Host, smarthost.Port, smarthost.Tls, smarthost.Username, smarthost.Password));
    }

    [Fact]
    public void A_password_in_one_source_displaces_the_password_file_of_an_earlier_one()
    {
        string file = _folder.Write("password", "x");
        _folder.Write("config/relayproxy.json", $$"""{ "Smarthost": { "PasswordFile": "{{file}}" } }""");

        SmarthostOptions smarthost = RelayConfiguration.Read(Inputs([], ("RELAYPROXY_Smarthost__Password", "y"))).Options.Smarthost;

        Assert.Equal(("y", ""), (smarthost.Password, smarthost.PasswordFile));
    }

    [Fact]
    public void A_secret_that_the_platform_mounted_is_found_by_its_name()
    {
        _folder.Write("run/secrets/smtp_password", "mounted\n");
        Assert.Equal(_folder["run/secrets/smtp_password"], RelayConfiguration.Read(Inputs([])).Options.Smarthost.PasswordFile);

        _folder.Write("creds/smarthost_password", "loaded\n");
        RelayConfiguration read = RelayConfiguration.Read(Inputs([], ("CREDENTIALS_DIRECTORY", _folder["creds"])));
        Assert.Equal(_folder["creds/smarthost_password"], read.Options.Smarthost.PasswordFile);
        Assert.Equal("$CREDENTIALS_DIRECTORY " + _folder["creds/smarthost_password"], SourceOf(read, "Smarthost:PasswordFile"));
    }

    [Fact]
    public void A_file_variant_gives_the_first_line_of_the_file()
    {
        string path = _folder.Write("url", "smtps://box:hunter2@smtp.example.net\nsecond line\n");

        RelayConfiguration read = RelayConfiguration.Read(Inputs([], ("RELAYPROXY_Smarthost__UrlFile", path)));

        Assert.Equal(("smtp.example.net", "hunter2"), (read.Options.Smarthost.Host, read.Options.Smarthost.Password));
        Assert.Equal($"environment RELAYPROXY_Smarthost__UrlFile → {path}", SourceOf(read, "Smarthost:Url"));
        Assert.Contains(path, read.Files);
    }

    [Fact]
    public void A_secret_file_that_everyone_may_read_is_refused_with_the_chmod_to_type()
    {
        File.SetUnixFileMode(_folder.Path, File.GetUnixFileMode(_folder.Path) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        string path = _folder.Write("password", "x", WorldReadable);

        Assert.Equal(
            $"Smarthost:PasswordFile (command line --Smarthost:PasswordFile): names {path}, which everyone on this machine may read; type: chmod 600 {path}",
            Problem(["--Smarthost:Username=box", $"--Smarthost:PasswordFile={path}"]).ToString());

        File.SetUnixFileMode(path, UnixFileMode.UserRead);
        Assert.DoesNotContain(RelayConfiguration.Read(Inputs([$"--Smarthost:PasswordFile={path}"])).Problems, problem => problem.Key == "Smarthost:PasswordFile");
    }

    [Fact]
    public void A_folder_that_is_closed_to_others_protects_the_secret_in_it()
    {
        string path = _folder.Write("password", "x", WorldReadable);

        Assert.DoesNotContain(RelayConfiguration.Read(Inputs([$"--Smarthost:PasswordFile={path}"])).Problems, problem => problem.Key == "Smarthost:PasswordFile");
    }

    [Theory]
    [InlineData("660", "which others may change; type: chmod go-w {0}")]
    [InlineData("620", "which others may change; type: chmod go-w {0}")]
    [InlineData("640", null)]
    [InlineData("600", null)]
    [InlineData("400", null)]
    public void A_secret_file_that_others_may_change_is_refused(string mode, string? trouble)
    {
        string path = _folder.Write("password", "x", (UnixFileMode)Convert.ToInt32(mode, 8));

        IReadOnlyList<ConfigurationProblem> problems = Problems(Inputs(["--Smarthost:Username=box", $"--Smarthost:PasswordFile={path}"]));

        Assert.Equal(
            trouble is null ? [] : [$"names {path}, {trouble.Replace("{0}", path, StringComparison.Ordinal)}"],
            problems.Select(problem => problem.Trouble));
    }

    [Fact]
    public void A_secret_file_in_a_folder_that_others_may_write_to_is_refused()
    {
        string path = _folder.Write("open/password", "x");
        File.SetUnixFileMode(_folder["open"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);

        Assert.Equal(
            $"names {path}, and others may put another file in its place; type: chmod o-w {_folder["open"]}",
            Problem(["--Smarthost:Username=box", $"--Smarthost:PasswordFile={path}"]).Trouble);
    }

    [Fact]
    public void Of_a_symbolic_link_to_a_secret_the_file_it_leads_to_counts()
    {
        File.SetUnixFileMode(_folder.Path, File.GetUnixFileMode(_folder.Path) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        string target = _folder.Write("real", "x", WorldReadable);
        File.CreateSymbolicLink(_folder["password"], target);

        Assert.Equal(
            $"names {_folder["password"]}, which everyone on this machine may read; type: chmod 600 {target}",
            Problem(["--Smarthost:Username=box", $"--Smarthost:PasswordFile={_folder["password"]}"]).Trouble);
    }

    [Theory]
    [InlineData("--Smarthost:HeloName=relay.example.net\r\nRCPT TO:<evil@example.com>")]
    [InlineData("--Rewrite:Origin=example.net\n")]
    [InlineData("--Smarthost:Host=a\0b")]
    [InlineData("--Smarthost:Disable=SIZE,CHUNK\rING")]
    [InlineData("--Smarthost:Password=a\nb")]
    public void A_line_end_cannot_come_in_by_a_setting(string argument)
    {
        // White space at the end is trimmed, so only what is left inside can do harm.
        bool trimmed = argument.EndsWith('\n') && !argument.Contains("Password", StringComparison.Ordinal);

        Assert.Equal(!trimmed, RelayConfiguration.Read(Inputs([argument])).Problems.Any(problem => problem.Trouble.Contains("control characters", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("644", "755", null)]
    [InlineData("664", "755", "chmod go-w {0}/open/aliases")]
    [InlineData("646", "755", "chmod go-w {0}/open/aliases")]
    [InlineData("644", "757", "chmod o-w {0}/open")]
    [InlineData("644", "1777", null)]
    public void Of_aliases_that_others_may_write_there_is_a_warning_with_the_chmod_to_type(string mode, string folderMode, string? way)
    {
        string path = _folder.Write("open/aliases", "root: ann@example.net\n", (UnixFileMode)Convert.ToInt32(mode, 8));
        File.SetUnixFileMode(_folder["open"], (UnixFileMode)Convert.ToInt32(folderMode, 8));

        RelayConfiguration read = Read([$"--Rewrite:AliasFile={path}"]);

        Assert.Empty(read.Problems);
        Assert.Equal(
            way is null ? [] : [$"is {path}, which others may write, and so redirect everybody's mail; type: {way.Replace("{0}", _folder.Path, StringComparison.Ordinal)}"],
            read.Warnings.Select(warning => warning.Trouble));
    }

    [Theory]
    [InlineData("Smarthost", "PasswordFile", "\"hunter2\"")]                     // the secret where its file belongs
    [InlineData("Smarthost", "AccessTokenFile", "\"hunter2\"")]
    [InlineData("Smarthost", "UrlFile", "\"hunter2\"")]
    [InlineData("Smarthost", "Host", "\"smtps://box:hunter2@smtp.example.net\"")]  // the URL where its host belongs
    [InlineData("Smarthost", "Host", "\"box:hunter2@smtp.example.net\"")]
    [InlineData("Smarthost", "Url", "\"smtp.example.net box hunter2\"")]
    [InlineData("Smarthost", "Password", "\"hunter2\\n\"")]
    [InlineData("Smarthost", "Password", "[\"hunter2\", \"hunter2\"]")]
    [InlineData("Smarthost", "Password", "{ \"Value\": \"hunter2\" }")]
    [InlineData("Smarthost", "Pasword", "\"hunter2\"")]                          // a slip
    [InlineData("Smarthost", "Password", "hunter2")]                             // no quotes
    [InlineData("Smarthost", "Password", "thunter2")]                            // as true begins
    [InlineData("Telemetry", "OtlpEndpoint", "\"ftp://box:hunter2@collector\"")]
    public void A_secret_in_a_wrong_place_is_not_repeated(string section, string name, string value)
    {
        string file = _folder.Write("relayproxy.json", $"{{ \"{section}\": {{ \"{name}\": {value} }} }}");

        RelayConfiguration read = RelayConfiguration.Read(Inputs([]) with { File = file });

        Assert.NotEmpty(read.Problems);
        Assert.DoesNotContain("hunter2", string.Join('\n', read.Problems), StringComparison.Ordinal);
        Assert.DoesNotContain(read.Report.Settings, setting => setting.Value.Text.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public void A_secret_file_that_is_not_there_is_an_error() =>
        Assert.Equal(
            "Smarthost:PasswordFile (command line --Smarthost:PasswordFile): names /nowhere/password, which does not exist",
            Problem(["--Smarthost:Username=box", "--Smarthost:PasswordFile=/nowhere/password"]).ToString());

    [Fact]
    public void No_secret_is_shown()
    {
        RelayConfiguration read = RelayConfiguration.Read(Inputs(
            ["--Smarthost:Url=smtps://box@example.net:hunter2@smtp.example.net", "--Smarthost:AccessToken=hunter2", "--Smarthost:Password=hunter2"]));

        Assert.DoesNotContain(read.Report.Settings, setting => setting.Value.Text.Contains("hunter2", StringComparison.Ordinal));
        Assert.Equal("smtps://box@example.net:********@smtp.example.net", Shown(read, "Smarthost:Url"));

        // Nor where it is refused.
        IReadOnlyList<ConfigurationProblem> problems = RelayConfiguration.Read(Inputs(["--Smarthost:Url=hunter2"])).Problems;
        Assert.Contains(problems, problem => problem.Key == "Smarthost:Url");
        Assert.DoesNotContain(problems, problem => problem.ToString().Contains("hunter2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--Delivery:FirstRetry=5h", "Delivery:FirstRetry")]
    [InlineData("--Queue:DelayNoticeAfter=6d", "Queue:DelayNoticeAfter")]
    [InlineData("--Delivery:PostmasterAddress=root", "Delivery:PostmasterAddress")]
    [InlineData("--Delivery:ReplyRules=quota * 550 5.7.1 daily limit, nonsense", "Delivery:ReplyRules")]
    [InlineData("--Queue:Path=spool", "Queue:Path")]
    [InlineData("--Listener:MaxOctetsInFlight=1MiB", "Listener:MaxOctetsInFlight")]
    [InlineData("--Intake:HostName=not a host", "Intake:HostName")]
    [InlineData("--Rewrite:Origin=@example.net", "Rewrite:Origin")]
    public void Rules_name_the_setting_that_breaks_them(string argument, string key) =>
        Assert.Equal(key, Problem([argument]).Key);

    private RelayConfiguration Read(string[] arguments, params (string Name, string Value)[] environment)
    {
        RelayConfiguration read = RelayConfiguration.Read(Inputs(arguments, environment));
        Assert.Empty(Problems(Inputs(arguments, environment)));
        return read;
    }

    /// <summary>The only thing that is wrong.</summary>
    private ConfigurationProblem Problem(string[] arguments, params (string Name, string Value)[] environment) =>
        Assert.Single(Problems(Inputs(arguments, environment)));

    private static IReadOnlyList<ConfigurationProblem> Problems(ConfigurationInputs inputs) => RelayConfiguration.Read(inputs).Problems;

    private ConfigurationInputs Inputs(string[] arguments, params (string Name, string Value)[] environment) => new()
    {
        Arguments = arguments,
        Environment = environment.ToDictionary(variable => variable.Name, variable => variable.Value),
        Root = _folder.Path,
        WorkingFolder = _folder.Path,
    };

    private static string SourceOf(RelayConfiguration read, string key) =>
        Assert.Single(read.Report.Settings, setting => setting.Setting.Key == key).Source;

    private static string Shown(RelayConfiguration read, string key) =>
        Assert.Single(read.Report.Settings, setting => setting.Setting.Key == key).Value.Text;
}
