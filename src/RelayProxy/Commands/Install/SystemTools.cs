using System.ComponentModel;
using System.Diagnostics;

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
        var start = new ProcessStartInfo(Find(tool) ?? throw new InstallException($"{words}: this machine has no {tool}"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> error = process.StandardError.ReadToEndAsync();
            string said = process.StandardOutput.ReadToEnd() + error.GetAwaiter().GetResult();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new InstallException($"{words} failed ({process.ExitCode}): {said.ReplaceLineEndings(" ").Trim()}");
            }
        }
        catch (Win32Exception fault)
        {
            throw new InstallException($"{words}: {fault.Message}");
        }
    }

    private static string? Find(string tool) => s_folders.Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
}
