using System.Runtime.InteropServices;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Processes;

/// <summary>The program as other programs call it: through a link by one of its old names.</summary>
internal sealed partial class CalledSendmail : IDisposable
{
    private const UnixFileMode EverybodyReads = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly string _folder = Directory.CreateTempSubdirectory("relayproxy-called-").FullName;
    private int _texts;

    public CalledSendmail()
    {
        LetEverybodyIn(_folder);
        foreach (string name in (string[])["sendmail", "send-mail", "mailq", "newaliases", "rmail"])
        {
            File.CreateSymbolicLink(this[name], Path.ChangeExtension(RelayProcess.Assembly, null));
        }
    }

    /// <summary>Those who call are not always who made the folder.</summary>
    public static void LetEverybodyIn(string folder) => File.SetUnixFileMode(folder, EverybodyReads);

    /// <summary>What is called.</summary>
    public string this[string name] => Path.Combine(_folder, name);

    /// <summary>Runs one to its end; what it wrote is in one text, complaints too.</summary>
    /// <param name="text">On its standard input.</param>
    public async Task<(int Status, string Output)> RunAsync(
        string name, string text, IReadOnlyDictionary<string, string> environment, bool asNobody = false, params string[] arguments)
    {
        string input = Path.Combine(_folder, $"text-{Interlocked.Increment(ref _texts)}");
        await File.WriteAllTextAsync(input, text);

        // The shell opens the text before whoever is nobody would have to.
        string[] become = asNobody && EffectiveUserId() == 0 ? ["setpriv", "--reuid=65534", "--clear-groups"] : [];
        return await ChildProcess.RunAsync("sh", ["-c", "input=$1; shift; exec \"$@\" <\"$input\"", "sh", input, .. become, this[name], .. arguments], environment);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUserId();
}
