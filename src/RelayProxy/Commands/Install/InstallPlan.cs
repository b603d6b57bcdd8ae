using System.Text;
using RelayProxy.Queue;

namespace RelayProxy.Commands.Install;

/// <summary>What is to be installed, beyond what always is.</summary>
/// <param name="Program">The program that is copied.</param>
/// <param name="Settings">The configuration file, where there is none yet, and the secrets that it names.</param>
/// <param name="AsSendmail">The names of sendmail are taken over.</param>
/// <param name="Start">The service is started: its settings are good, and port 25 is free.</param>
internal sealed record InstallWishes(ProgramFiles Program, FirstSettings Settings, bool AsSendmail, bool Start);

/// <summary>
/// All that <c>install</c> does, as a list of steps, in the order in which they are done. What others have is put aside before something is put
/// in its place; the service manager is told last, and on the way back first.
/// </summary>
internal sealed class InstallPlan
{
    public const string SettingsFolder = "/etc/relayproxy";
    private const string User = "relayproxy";
    private const string MailerConf = "/etc/mail/mailer.conf";
    private const string Profile = "/etc/apparmor.d/usr.lib.relayproxy";

    /// <summary>What programs call. Not <c>send-mail</c>, which is only ever a name in FreeBSD's mailer.conf.</summary>
    private static readonly string[] s_oldNames =
        ["/usr/sbin/sendmail", "/usr/lib/sendmail", "/usr/bin/mailq", "/usr/bin/newaliases", "/usr/sbin/rmail", "/usr/bin/rmail"];

    private readonly InstallSite _site;
    private readonly InstallManifest _manifest;
    private readonly InstallWishes _wishes;
    private readonly List<InstallStep> _steps = [];

    private InstallPlan(InstallSite site, InstallManifest manifest, InstallWishes wishes) => (_site, _manifest, _wishes) = (site, manifest, wishes);

    /// <summary>Where the program goes: FreeBSD keeps /usr for itself.</summary>
    private string ProgramFolder => _site.Services == ServiceKind.FreeBsd ? "/usr/local/lib/relayproxy" : "/usr/lib/relayproxy";

    private string Executable => $"{ProgramFolder}/relayproxy";

    /// <summary>The plan for a machine as it stands.</summary>
    public static IReadOnlyList<InstallStep> Of(InstallSite site, InstallManifest manifest, InstallWishes wishes)
    {
        var plan = new InstallPlan(site, manifest, wishes);
        plan.AddProgram();
        plan.AddService();
        plan.AddProfile();
        if (wishes.AsSendmail)
        {
            plan.AddOldNames();
        }

        plan.AddStart();
        return plan._steps;
    }

    private void AddProgram()
    {
        // Undone in reverse: the user goes when nothing is left that belongs to it, and the list of all this with the folder of settings.
        _steps.Add(new FolderStep(SettingsFolder, Content: FolderContent.Settings));
        AddFolder(ProgramFolder);
        _steps.Add(new ProgramStep(ProgramFolder) { Source = _wishes.Program });
        AddLink(_site.Services == ServiceKind.FreeBsd ? "/usr/local/sbin/relayproxy" : "/usr/sbin/relayproxy", Executable);
        _steps.Add(new UserStep(User, QueueFolder.SystemFolder));
        _steps.AddRange(_wishes.Settings.Files);
        AddFolder(QueueFolder.SystemFolder);
        _steps.Add(new FolderStep(QueueFolder.SystemFolder, "750", User, FolderContent.Queue));
    }

    private void AddService()
    {
        switch (_site.Services)
        {
            case ServiceKind.Systemd:
                const string units = "/etc/systemd/system";
                AddCommand("systemd forgets", null, ["systemctl", "daemon-reload"]);
                AddFile(new FileStep($"{units}/relayproxy.socket", InstallFiles.Read("relayproxy.socket")));
                AddFile(new FileStep($"{units}/relayproxy.service", InstallFiles.Read("relayproxy.service")));
                AddLink($"{units}/sockets.target.wants/relayproxy.socket", $"{units}/relayproxy.socket");
                AddLink($"{units}/multi-user.target.wants/relayproxy.service", $"{units}/relayproxy.service");
                AddCommand("systemd learns", ["systemctl", "daemon-reload"], null);
                break;
            case ServiceKind.OpenRc:
                AddFile(new FileStep("/etc/init.d/relayproxy", InstallFiles.Read("relayproxy.openrc"), "755"));
                AddLink("/etc/runlevels/default/relayproxy", "/etc/init.d/relayproxy");
                if (_site.Exists("/etc/logrotate.d"))
                {
                    AddFile(new FileStep("/etc/logrotate.d/relayproxy", InstallFiles.Read("relayproxy.logrotate")));
                }

                break;
            case ServiceKind.FreeBsd:
                AddFile(new FileStep("/usr/local/etc/rc.d/relayproxy", InstallFiles.Read("relayproxy.rcd"), "755"));
                AddCommand("rc.conf", ["sysrc", "relayproxy_enable=YES"], ["sysrc", "-x", "relayproxy_enable"]);
                break;
            case ServiceKind.None:
                break;
        }
    }

    private void AddProfile()
    {
        if (_site.Exists("/etc/apparmor.d"))
        {
            AddFile(new FileStep(Profile, InstallFiles.Read("usr.lib.relayproxy")));
            if (_site.IsLive && _site.Exists("/sys/kernel/security/apparmor") && SystemTools.Has("apparmor_parser"))
            {
                _steps.Add(new CommandStep("apparmor", ["apparmor_parser", "-r", "-T", "-W", Profile], ["apparmor_parser", "-R", Profile]));
            }
        }
    }

    private void AddOldNames()
    {
        if (_site.Exists(MailerConf))
        {
            // The names are mailwrapper's there, and stay so.
            byte[] content = Encoding.UTF8.GetBytes(MailerConfText.With(File.ReadAllText(_site[MailerConf]), Executable));
            AddFile(new FileStep(MailerConf, content));
            return;
        }

        foreach (string name in s_oldNames)
        {
            AddLink(name, Executable);
        }
    }

    private void AddStart()
    {
        if (ServiceCommands.Stop(_site.Services) is { } stop)
        {
            AddCommand("service", _wishes.Start ? ServiceCommands.Start(_site.Services) : null, stop);
        }
    }

    private void AddCommand(string name, string[]? command, string[]? undo)
    {
        if (_site.ServicesRun)
        {
            _steps.Add(new CommandStep(name, command, undo));
        }
    }

    private void AddFile(FileStep file)
    {
        AddFolder(file.Path);
        AddAside(file, isDiverted: false);
        _steps.Add(file);
    }

    private void AddLink(string path, string target)
    {
        var link = new LinkStep(path, target);
        AddFolder(path);
        AddAside(link, _site.IsDebian);
        _steps.Add(link);
    }

    private void AddFolder(string path)
    {
        var folder = new FolderStep(Path.GetDirectoryName(path)!);
        if ((!_site.Exists(folder.Path) || _manifest.Has(folder)) && !_steps.Exists(folder.IsSameAs))
        {
            AddFolder(folder.Path);
            _steps.Add(folder);
        }
    }

    private void AddAside(InstallStep step, bool isDiverted)
    {
        if (step.Look(_site, _manifest.Has(step)) == StepState.InTheWay)
        {
            _steps.Add(AsideStep.Of(step.Key, isDiverted));
        }
    }
}
