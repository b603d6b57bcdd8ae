using RelayProxy.Commands;
using RelayProxy.Harness;

namespace RelayProxy.Unit.Commands;

public sealed class TerminationMessageTests : IDisposable
{
    private readonly TemporaryFolder _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void It_stands_in_the_file_that_Kubernetes_mounts()
    {
        string file = _machine.Write("dev/termination-log", "");

        TerminationMessage.Write(_machine.Path, "undelivered=3 oldest=4m");

        Assert.Equal("undelivered=3 oldest=4m\n", File.ReadAllText(file));
    }

    [Fact]
    public void Where_there_is_no_such_file_none_is_made()
    {
        Directory.CreateDirectory(_machine["dev"]);

        TerminationMessage.Write(_machine.Path, "undelivered=3 oldest=4m");

        Assert.Empty(Directory.GetFiles(_machine["dev"]));
    }
}
