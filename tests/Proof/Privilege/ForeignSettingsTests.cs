using RelayProxy.Configuration;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Privilege;

/// <summary>What lies in the folder where somebody happens to start the relay. Needs root, to give a file away.</summary>
public sealed class ForeignSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("0", true)]
    [InlineData("12345", false)]
    public async Task Settings_that_another_user_has_left_in_the_working_folder_are_not_read_unless_they_are_named(string owner, bool isRead)
    {
        string file = _folder.Write("config/relayproxy.json", """{ "Smarthost": { "Host": "smtp.example.net" } }""");
        (int status, string output) = await ChildProcess.RunAsync("chown", [owner, file]);
        Assert.True(status == 0, output);
        var inputs = new ConfigurationInputs { Root = _folder["root"], WorkingFolder = _folder.Path };

        RelayConfiguration read = RelayConfiguration.Read(inputs);

        Assert.Equal(isRead ? "smtp.example.net" : "", read.Options.Smarthost.Host);
        Assert.Equal(
            isRead ? [] : [$"{file}: belongs to another user (uid {owner}) and is not read; if it is meant, name it: --config {file}"],
            read.Warnings.Where(warning => warning.Key.Length == 0).Select(warning => warning.ToString()));
        Assert.Equal("smtp.example.net", RelayConfiguration.Read(inputs with { File = file }).Options.Smarthost.Host);
    }
}
