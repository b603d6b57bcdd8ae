using RelayProxy.Configuration;
using RelayProxy.Harness;
using RelayProxy.Unit.Configuration.Dma;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Configuration;

/// <summary>The examples in <c>config/examples</c> can be used as they are.</summary>
public sealed class ExamplesTests : IDisposable
{
    private readonly DmaFolder _machine = new();

    public void Dispose() => _machine.Dispose();

    /// <summary>All but local-mailboxes.conf, which is tried on a machine that systemd has booted, and mailer.conf, which install writes.</summary>
    [Fact]
    public void Every_example_is_tried_here() =>
        Assert.Equal(
            ["application.json", "dma-replacement", "local-mailboxes.conf", "mailer.conf", "sidecar.json"],
            Directory.EnumerateFileSystemEntries(Repository.Path("config", "examples")).Select(Path.GetFileName).Order());

    [Theory]
    [InlineData("application.json", "etc/relayproxy/smtp_password")]
    [InlineData("sidecar.json", "run/secrets/smtp_password")]
    public void A_configuration_file_needs_nothing_but_the_password(string name, string password)
    {
        string secret = _machine.Write(password, "secret\n");
        string file = _machine.Write(name, File.ReadAllText(Repository.Path("config", "examples", name)).Replace("/etc/", _machine["etc/"], StringComparison.Ordinal));
        RelayConfiguration read = RelayConfiguration.Read(_machine.Inputs([]) with { File = file });

        Assert.Empty(read.ProblemsForSending);
        Assert.Empty(read.Warnings);
        Assert.Equal((secret, SmarthostTls.Implicit), (read.Options.Smarthost.PasswordFile, read.Options.Smarthost.Tls));
    }

    [Fact]
    public void The_files_of_dma_need_nothing_at_all()
    {
        foreach (string name in (string[])["auth.conf", "aliases"])
        {
            _machine.Write($"etc/dma/{name}", Example(name));
        }

        RelayConfiguration read = _machine.Read(Example("dma.conf")
            .Replace("/etc/dma", _machine["etc/dma"], StringComparison.Ordinal)
            .Replace("/etc/aliases", _machine["etc/dma/aliases"], StringComparison.Ordinal));

        Assert.Empty(read.ProblemsForSending);
        Assert.Equal("your_password", read.Options.Smarthost.Password);
    }

    private static string Example(string name) => File.ReadAllText(Repository.Path("config", "examples", "dma-replacement", name));
}
