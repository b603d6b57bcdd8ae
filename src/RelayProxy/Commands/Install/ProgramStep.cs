using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace RelayProxy.Commands.Install;

/// <summary>Copies the program, all of its folder, to where the service and the commands have it.</summary>
internal sealed record ProgramStep(string Path) : InstallStep
{
    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.UserWrite;
    private const UnixFileMode MayRun = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The files to copy, by their names below the folder that is copied.</summary>
    [JsonIgnore]
    public ProgramFiles? Source { get; init; }

    public override string Key => Path;

    public override string Words => $"copy the program ({TerminalText.Count(Source!.Names.Count, "file")}) to {Path}";

    public override string UndoWords => $"remove the program in {Path}";

    public override StepState Look(InstallSite site, bool isOurs) =>
        !site.Exists(Path) ? StepState.Open
        : Source!.AreIn(site[Path]) ? StepState.Done
        : isOurs ? StepState.Open
        : StepState.InTheWay;

    /// <summary>Beside the old one first: a program that runs goes on with its own files.</summary>
    public override void Do(InstallSite site)
    {
        string draft = site[Path] + ".new";
        string old = site[Path] + ".old";
        Clear(draft);
        Clear(old);
        foreach (string name in Source!.Names)
        {
            string from = System.IO.Path.Combine(Source.Folder, name);
            string to = System.IO.Path.Combine(draft, name);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(to)!);
            File.Copy(from, to);
            bool runs = File.GetUnixFileMode(from).HasFlag(UnixFileMode.UserExecute);
            File.SetUnixFileMode(to, runs ? Everybody | MayRun : Everybody);
        }

        foreach (string folder in Directory.EnumerateDirectories(draft, "*", SearchOption.AllDirectories).Append(draft))
        {
            File.SetUnixFileMode(folder, Everybody | MayRun);
        }

        if (Directory.Exists(site[Path]))
        {
            Directory.Move(site[Path], old);
        }

        Directory.Move(draft, site[Path]);
        Clear(old);
    }

    public override bool IsThere(InstallSite site) => site.Exists(Path) || site.Exists(Path + ".new") || site.Exists(Path + ".old");

    public override void Undo(InstallSite site)
    {
        Clear(site[Path] + ".new");
        Clear(site[Path] + ".old");
        Clear(site[Path]);
    }

    private static void Clear(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

/// <summary>The files that make the program that is running.</summary>
internal sealed record ProgramFiles(string Folder, IReadOnlyList<string> Names)
{
    private const string Executable = "relayproxy";

    /// <exception cref="InstallException">They are no program that could stand by itself.</exception>
    public static ProgramFiles OfThisProcess()
    {
        string folder = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        if (!File.Exists(Path.Combine(folder, Executable)))
        {
            throw new InstallException($"{folder} has no executable {Executable} to install; publish the program (dotnet publish src/RelayProxy -c Release)");
        }

        // The service sees no homes (ProtectHome=).
        string runtime = RuntimeEnvironment.GetRuntimeDirectory();
        if (!runtime.StartsWith(folder, StringComparison.Ordinal) && (runtime.StartsWith("/root/", StringComparison.Ordinal) || runtime.StartsWith("/home/", StringComparison.Ordinal)))
        {
            throw new InstallException(
                $"The .NET runtime is in {runtime}, where a service may not read it; install it for all users, or publish the program with --self-contained");
        }

        // A program of one file may stand in a folder that has much else in it.
        bool isOneFile = !File.Exists(Path.Combine(folder, $"{Executable}.dll"));
        return new ProgramFiles(folder, isOneFile ? [Executable] : [.. All(folder).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Whether these files are there, octet for octet, and no others.</summary>
    public bool AreIn(string folder) =>
        folder == Folder
        || (Directory.Exists(folder)
            && All(folder).Order(StringComparer.Ordinal).SequenceEqual(Names)
            && Names.All(name => IsSame(Path.Combine(Folder, name), Path.Combine(folder, name))));

    private static IEnumerable<string> All(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file));

    private static bool IsSame(string one, string other)
    {
        if (new FileInfo(one).Length != new FileInfo(other).Length)
        {
            return false;
        }

        return File.ReadAllBytes(one).AsSpan().SequenceEqual(File.ReadAllBytes(other));
    }
}
