using System.Text;
using RelayProxy.Commands.Install;
using RelayProxy.Configuration;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Install;

/// <summary>What <c>install</c> does to machines of every kind, in a folder. It needs root, as install does.</summary>
public sealed class InstallTests : IDisposable
{
    private readonly List<MachineTree> _trees = [];
    private readonly List<string> _said = [];

    public void Dispose() => _trees.ForEach(tree => tree.Dispose());

    public static TheoryData<string> Kinds => ["Debian", "OpenRc", "FreeBsd", "None"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_was_installed_is_undone_and_nothing_else(string kind)
    {
        MachineTree tree = TreeOf(kind);
        tree.Write("/usr/sbin/sendmail", "another program's");
        string before = tree.Listing();

        Install(tree, asSendmail: true);
        Assert.NotEqual(before, tree.Listing());
        Assert.Empty(Uninstall(tree));

        Assert.Equal(before, tree.Listing());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_second_time_nothing_is_left_to_do(string kind)
    {
        MachineTree tree = TreeOf(kind);
        Install(tree, asSendmail: true);
        string installed = tree.Listing();
        _said.Clear();

        Install(tree, asSendmail: true);

        Assert.Empty(_said);
        Assert.Equal(installed, tree.Listing());
    }

    /// <summary>However far it came: the same command goes on from there, and the other takes it all back.</summary>
    [Fact]
    public void Whatever_interrupts_it_it_can_be_finished_and_undone()
    {
        // The user is there already: making one takes as long as all the rest.
        MachineTree tree = TreeOf("OpenRc");
        WithUser(tree);
        tree.Write("/usr/sbin/sendmail", "another program's");
        string before = tree.Listing();
        Install(tree, asSendmail: true);
        string installed = tree.Listing();
        Uninstall(tree);

        int steps = new InstallRun(tree.Site, InstallManifest.Read(tree.Site), _said.Add).Open(PlanFor(tree, asSendmail: true)).Count;
        for (int done = 0; done < steps; done++)
        {
            Interrupt(tree, done);
            Uninstall(tree);
            Assert.Equal(before, tree.Listing());

            Interrupt(tree, done);
            Install(tree, asSendmail: true);
            Assert.Equal(installed, tree.Listing());
            Uninstall(tree);
        }
    }

    [Fact]
    public void A_step_that_was_written_down_and_not_done_is_undone_too()
    {
        MachineTree tree = TreeOf("Debian");
        tree.Write("/usr/sbin/sendmail", "another program's");
        string before = tree.Listing();
        InstallManifest manifest = InstallManifest.Read(tree.Site);

        foreach (InstallStep step in PlanFor(tree, asSendmail: true))
        {
            manifest.Record(step);
        }

        Assert.Empty(Uninstall(tree));
        Assert.Equal(before, tree.Listing());
    }

    [Fact]
    public void Settings_and_mail_are_left_and_taken_with_purge()
    {
        MachineTree tree = TreeOf("Debian");
        string before = tree.Listing();
        Install(tree);
        tree.Write("/etc/relayproxy/relayproxy.json", "{ }");
        tree.Write("/var/lib/relayproxy/queue.db", "mail");

        Assert.Equal(["/var/lib/relayproxy: mail", "/etc/relayproxy/relayproxy.json: it has been changed", "relayproxy: it owns files that stay", "/etc/relayproxy: settings are in it"], Uninstall(tree));
        Assert.False(tree.Exists("/usr/lib/relayproxy"));
        Assert.Contains("relayproxy", tree.Read("/etc/passwd"), StringComparison.Ordinal);

        Install(tree);
        Assert.Equal("{ }", tree.Read("/etc/relayproxy/relayproxy.json"));
        Assert.Empty(Uninstall(tree, purge: true));
        Assert.Equal(before, tree.Listing());
    }

    [Fact]
    public void What_was_there_before_stays()
    {
        MachineTree tree = TreeOf("Debian");
        WithUser(tree);
        tree.Write("/etc/relayproxy/relayproxy.json", "{ }");
        Directory.CreateDirectory(tree["/var/lib/relayproxy"]);
        string before = tree.Listing();

        Install(tree);
        Assert.Empty(Uninstall(tree, purge: true));

        Assert.Equal(before, tree.Listing());
    }

    [Fact]
    public void What_somebody_put_in_the_place_of_a_link_since_is_theirs()
    {
        MachineTree tree = TreeOf("OpenRc");
        Install(tree, asSendmail: true);
        File.Delete(tree["/usr/bin/mailq"]);
        tree.Write("/usr/bin/mailq", "theirs");

        Assert.Empty(Uninstall(tree));

        Assert.Equal("theirs", tree.Read("/usr/bin/mailq"));
    }

    [Fact]
    public void A_folder_of_that_name_that_is_not_ours_is_not_replaced()
    {
        MachineTree tree = TreeOf("Debian");
        tree.Write("/usr/lib/relayproxy/relayproxy", "of a package");

        InstallException refusal = Assert.Throws<InstallException>(() => Install(tree));

        Assert.Contains("/usr/lib/relayproxy is there already", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("of a package", tree.Read("/usr/lib/relayproxy/relayproxy"));
    }

    [Fact]
    public void A_newer_program_and_its_files_take_the_place_of_the_older()
    {
        MachineTree tree = TreeOf("Debian");
        Install(tree);
        tree.Write("/program/relayproxy", "a newer program");
        tree.Write("/etc/systemd/system/relayproxy.service", "an older unit");
        _said.Clear();

        Install(tree);

        Assert.Equal(["copy the program (2 files) to /usr/lib/relayproxy", "write /etc/systemd/system/relayproxy.service (root:root, 644)"], _said);
        Assert.Equal("a newer program", tree.Read("/usr/lib/relayproxy/relayproxy"));
    }

    [Fact]
    public void Everything_has_its_owner_and_its_mode()
    {
        MachineTree tree = TreeOf("Debian");
        File.SetUnixFileMode(tree["/program/relayproxy"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Install(tree, asSendmail: true, settings: ["Smarthost:Password=secret"]);

        uint user = tree.Site.UserId("relayproxy")!.Value;
        uint group = tree.Site.GroupId("relayproxy")!.Value;
        (string, uint, uint, string)[] expected =
        [
            ("/etc/relayproxy", 0, 0, "755"), ("/etc/relayproxy/relayproxy.json", 0, group, "640"), ("/etc/relayproxy/installed.json", 0, 0, "644"),
            ("/var/lib/relayproxy", user, group, "750"), ("/usr/lib/relayproxy", 0, 0, "755"), ("/usr/lib/relayproxy/relayproxy", 0, 0, "755"),
            ("/usr/lib/relayproxy/relayproxy.dll", 0, 0, "644"), ("/etc/systemd/system/relayproxy.service", 0, 0, "644"),
        ];
        Assert.Equal(expected, expected.Select(entry =>
        {
            RelayProxy.Delivery.Local.FileFacts facts = RelayProxy.Delivery.Local.Posix.Facts(tree[entry.Item1])!.Value;
            return (entry.Item1, facts.User, facts.Group, Convert.ToString(facts.Mode & 0xfff, 8));
        }));
    }

    [Fact]
    public void Settings_that_were_given_become_the_configuration_file_and_a_password_in_a_home_comes_along()
    {
        MachineTree tree = TreeOf("Debian");
        using var home = new TemporaryFolder();
        string secret = home.Write("password", "secret\n");
        var given = FirstSettings.Of(RelayConfiguration.Read(new ConfigurationInputs
        {
            Root = tree.Root,
            Environment = new Dictionary<string, string>
            {
                ["RELAYPROXY_Smarthost__Url"] = "smtps://box@smtp.example.net:4650",
                ["RELAYPROXY_Smarthost__PasswordFile"] = secret,
                ["RELAYPROXY_Queue__Path"] = "/srv/queue",
                ["RELAYPROXY_Rewrite__Aliases__root"] = "you@example.net",
                ["RELAYPROXY_Listener__MaxConnections"] = "200",
            },
        }));

        Assert.Equal("secret\n", Encoding.UTF8.GetString(given.Files.Single(file => file.Path == "/etc/relayproxy/smtp_password").Content));
        string json = Encoding.UTF8.GetString(given.Files.Single(file => file.Path == "/etc/relayproxy/relayproxy.json").Content);
        Assert.Equal(
            """
            {
              "Rewrite": {
                "Aliases": {"root":"you@example.net"}
              },
              "Smarthost": {
                "Host": "smtp.example.net",
                "Port": 4650,
                "Username": "box",
                "PasswordFile": "/etc/relayproxy/smtp_password"
              }
            }

            """,
            json);
        Assert.Equal(
            [
                "Queue:Path is not taken over: the service keeps its queue in /var/lib/relayproxy",
                $"Smarthost:PasswordFile: {secret}, which the service may not read, was copied to /etc/relayproxy/smtp_password",
            ],
            given.Notes.Order());
    }

    [Fact]
    public void Where_nothing_is_given_there_is_a_form_to_fill_in()
    {
        MachineTree tree = TreeOf("Debian");
        Install(tree);

        RelayConfiguration read = RelayConfiguration.Read(new ConfigurationInputs { Root = tree.Root });

        Assert.Empty(read.Problems);
        Assert.Contains(read.ProblemsForSending, problem => problem.Key == "Smarthost:Host");
    }

    [Fact]
    public void The_lines_of_mailer_conf_are_those_of_the_example()
    {
        MachineTree tree = TreeOf("FreeBsd");
        tree.Write("/etc/mail/mailer.conf", "# Execute the real sendmail\nsendmail\t/usr/libexec/sendmail/sendmail\nmailq\t/usr/libexec/sendmail/sendmail\nhoststat\t/usr/libexec/sendmail/sendmail\n");
        Install(tree, asSendmail: true);

        string[] lines = tree.Read("/etc/mail/mailer.conf").Split('\n');

        Assert.Equal(["# Execute the real sendmail", "hoststat\t/usr/libexec/sendmail/sendmail"], lines[..2]);
        Assert.Equal(
            File.ReadAllLines(Repository.Path("config", "examples", "mailer.conf")).Where(line => !line.StartsWith('#')).Select(line => line.Replace("\t\t", "\t", StringComparison.Ordinal)),
            lines[2..^1]);
    }

    private MachineTree TreeOf(string kind)
    {
        var tree = new MachineTree(kind switch
        {
            "Debian" => MachineTree.Debian,
            "OpenRc" => MachineTree.OpenRc,
            "FreeBsd" => MachineTree.FreeBsd,
            _ => ["/usr/sbin/", "/usr/bin/"],
        });
        _trees.Add(tree);
        return tree;
    }

    private static void WithUser(MachineTree tree)
    {
        tree.Write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nrelayproxy:x:4711:4711::/:/bin/false\n");
        tree.Write("/etc/group", "root:x:0:\nrelayproxy:x:4711:\n");
    }

    private static IReadOnlyList<InstallStep> PlanFor(MachineTree tree, bool asSendmail, params string[] settings)
    {
        var given = RelayConfiguration.Read(new ConfigurationInputs { Root = tree.Root, Arguments = [.. settings.Select(setting => "--" + setting)] });
        return InstallPlan.Of(
            tree.Site, InstallManifest.Read(tree.Site), new InstallWishes(tree.Program, FirstSettings.Of(given), asSendmail, Start: false));
    }

    private void Install(MachineTree tree, bool asSendmail = false, params string[] settings)
    {
        IReadOnlyList<InstallStep> plan = PlanFor(tree, asSendmail, settings);
        new InstallRun(tree.Site, InstallManifest.Read(tree.Site), _said.Add).Do(plan);
    }

    /// <summary>Ends in the middle.</summary>
    /// <param name="after">So many steps are done; the next is begun.</param>
    private static void Interrupt(MachineTree tree, int after)
    {
        int begun = 0;
        Assert.Throws<TimeoutException>(() => new InstallRun(tree.Site, InstallManifest.Read(tree.Site), Begin).Do(PlanFor(tree, asSendmail: true)));

        void Begin(string words)
        {
            if (begun++ == after)
            {
                throw new TimeoutException("killed");
            }
        }
    }

    /// <returns>What stays, and why.</returns>
    private string[] Uninstall(MachineTree tree, bool purge = false)
    {
        InstallSite site = tree.Site with { MailIn = path => Directory.EnumerateFileSystemEntries(tree[path]).Any() ? "mail" : null };
        return
        [
            .. new InstallRun(site, InstallManifest.Read(site), _said.Add).Undo(purge, isTrial: false).Select(stays => $"{stays.Step.Key}: {stays.Why}"),
        ];
    }
}
