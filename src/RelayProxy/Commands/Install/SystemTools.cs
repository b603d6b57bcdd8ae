using System.Diagnostics;
using RelayProxy.Configuration;

namespace RelayProxy.Commands.Install;

/// <summary>The programs of this machine that make users, divert files and start services.</summary>
internal static class SystemTools
{
    private static readonly string[] s_folders =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries), "/usr/local/sbin", "/usr/sbin", "/sbin"];

    /// <summary>Whether this machine has such a program.</summary>
    public static bool Has(string tool) => Find(tool) is not null;

    /// <summary>Runs a program of this machine to its end.</summary>
    /// <exception cref="InstallException">It is not there, or fails: with what it said.</exception>
    public static void Run(string tool, params string[] arguments)
    {
        string words = $"{tool} {string.Join(' ', arguments)}";
        string program = Find(tool) ?? throw new InstallException($"{words}: this machine has no {tool}");

        // Into a file and not a pipe: a daemon that it starts may keep its output open for ever.
        string said = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" </dev/null >\"$0\" 2>&1", said, program, .. arguments]);

            // What the settings hold is no business of a package's scripts.
            foreach (string setting in start.Environment.Keys.Where(name => name.StartsWith(EnvironmentSettings.Prefix, StringComparison.OrdinalIgnoreCase)).ToArray())
            {
                start.Environment.Remove(setting);
            }

            using Process process = Process.Start(start)!;
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new InstallException($"{words} failed ({process.ExitCode}): {File.ReadAllText(said).ReplaceLineEndings(" ").Trim()}");
            }
        }
        finally
        {
            File.Delete(said);
        }
    }

    private static string? Find(string tool) => s_folders.Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
}
