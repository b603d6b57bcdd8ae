using System.Runtime.InteropServices;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Callers;

/// <summary>
/// The program under its old names, as programs find it: links called <c>sendmail</c>, <c>mailq</c> …, a relay that runs, and behind that a smarthost that takes
/// what comes.
/// </summary>
public sealed class SendmailUnderTest : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private RelayProcess? _relay;

    /// <summary>The link.</summary>
    public string Path => _folder["bin/sendmail"];

    /// <summary>What the environment of a caller must hold for it to find this relay and no other; and nothing that tells it of a user.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; private set; } = new Dictionary<string, string>();

    internal TemporaryFolder Folder => _folder;

    internal FakeSmarthost Smarthost { get; } = new();

    internal RelayProcess Relay => _relay ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        Smarthost.Listen();
        _relay = await RelayProcess.StartAsync(
            _folder["queue"],
            [
                .. RelayProcess.SettingsFor(Smarthost), "Rewrite:Aliases:root=admin@example.net", "Rewrite:Aliases:anna=anna@example.net",
                "Smarthost:Provider=Unlimited",
            ]);
        Environment = new Dictionary<string, string>
        {
            ["RELAYPROXY_Listener__Endpoints"] = _relay.EndPoint.ToString(),
            ["RELAYPROXY_Queue__Path"] = _folder["queue"],
            ["DOTNET_ROOT"] = System.IO.Path.GetFullPath(System.IO.Path.Join(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
            ["EMAIL"] = "",
            ["NAME"] = "",
            ["MAILNAME"] = "",
        };
        Directory.CreateDirectory(_folder["bin"]);
        foreach (string name in new[] { "sendmail", "mailq", "newaliases", "rmail", "relayproxy" })
        {
            File.CreateSymbolicLink(_folder["bin/" + name], System.IO.Path.Combine(AppContext.BaseDirectory, "relayproxy"));
        }
    }

    /// <summary>Runs it to its end.</summary>
    /// <param name="input">Standard input.</param>
    public Task<(int ExitCode, string Output, string Error)> RunAsync(byte[] input, params IEnumerable<string> arguments) =>
        ChildProcess.RunApartAsync(Path, arguments, Environment, input);

    /// <summary>Runs a shell's command line, in which <c>sendmail</c> and the others are the links, in a folder of its own.</summary>
    public Task<(int ExitCode, string Output, string Error)> RunShellAsync(string line, byte[]? input = null) => ChildProcess.RunApartAsync(
        "sh", ["-c", "PATH=$1:$PATH; cd \"$1\"; eval \"$2\"", "sh", _folder["bin"], line], Environment, input);

    public async ValueTask DisposeAsync()
    {
        await (_relay?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Smarthost.DisposeAsync();
        _folder.Dispose();
    }
}
