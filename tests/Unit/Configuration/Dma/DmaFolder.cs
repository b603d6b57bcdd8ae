using RelayProxy.Configuration;
using RelayProxy.Harness;

namespace RelayProxy.Unit.Configuration.Dma;

/// <summary>A dma.conf of a test's own, and what the relay makes of it.</summary>
internal sealed class DmaFolder : IDisposable
{
    /// <summary>As the package has them: root:mail 0640.</summary>
    public const UnixFileMode PackageMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private readonly TemporaryFolder _folder = new();

    public string this[string name] => _folder[name];

    public string Conf => _folder["etc/dma/dma.conf"];

    public string Auth => _folder["etc/dma/auth.conf"];

    public string Write(string name, string text, UnixFileMode mode = PackageMode) => _folder.Write(name, text, mode);

    /// <summary>Reads a dma.conf; <c>{folder}</c> in it is the test's folder.</summary>
    public RelayConfiguration Read(string dmaConf, params string[] arguments)
    {
        Write("etc/dma/dma.conf", dmaConf.Replace("{folder}", _folder.Path, StringComparison.Ordinal));
        return RelayConfiguration.Read(Inputs([$"--dma={Conf}", .. arguments]));
    }

    public ConfigurationInputs Inputs(string[] arguments, params (string Name, string Value)[] environment) => new()
    {
        Root = _folder.Path,
        WorkingFolder = _folder.Path,
        Arguments = arguments,
        Environment = environment.ToDictionary(variable => variable.Name, variable => variable.Value),
    };

    /// <summary>What is said, without the folder's name.</summary>
    public IEnumerable<string> Plain(IEnumerable<ConfigurationProblem> problems) =>
        problems.Select(problem => problem.ToString().Replace(_folder.Path, "", StringComparison.Ordinal));

    public void Dispose() => _folder.Dispose();
}
