using System.Runtime.InteropServices;
using RelayProxy.Harness;

namespace RelayProxy.Benchmarks.Load;

/// <summary>The relay as it is shipped: framework-dependent, compiled ahead of time (ReadyToRun), published into a folder of its own.</summary>
internal static class PublishedRelay
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    /// <returns>The command line that runs it.</returns>
    /// <param name="given">An executable or a dll to be taken instead; empty for none.</param>
    public static async Task<string[]> CommandAsync(string given)
    {
        string program = given.Length > 0 ? given : await PublishAsync();
        return program.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", program] : [program];
    }

    private static async Task<string> PublishAsync()
    {
        // Beside what the build of this program leaves, and apart from the product's own: neither disturbs the other, and what has not
        // changed is not compiled again.
        string folder = Repository.Path("tests", "Benchmarks", "obj", "relay");
        Console.WriteLine("publishing the relay");
        (int status, string output) = await ChildProcess.RunAsync(
            "dotnet",
            [
                "publish", Repository.Path("src", "RelayProxy"), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "--no-self-contained",
                "-p:PublishReadyToRun=true", "--artifacts-path", Path.Combine(folder, "build"), "-o", Path.Combine(folder, "published"), "-v", "quiet", "-nologo",
            ],
            patience: s_patience);
        return status == 0
            ? Path.Combine(folder, "published", "relayproxy")
            : throw new InvalidOperationException($"dotnet publish ended with {status}:\n{output}");
    }
}
