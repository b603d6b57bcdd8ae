using RelayProxy.Harness;

namespace RelayProxy.Unit.Commands;

public sealed class ConfigImportCommandTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _folder = new();
    private readonly CommandRun _run = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_password_goes_into_a_file_of_its_own_that_only_its_owner_may_read()
    {
        string source = _folder.Write("msmtprc", "host smtp.example.net\ntls on\nuser box\npassword \" pass word \"\n");

        int exit = await _run.RunAsync(null, "config", "import", "msmtp", source, "--output", _folder["out/relayproxy.json"], "--secrets-folder", _folder["secrets"]);

        Assert.Equal(0, exit);
        Assert.Equal(" pass word \n", File.ReadAllText(_folder["secrets/smtp_password"]));
        Assert.Equal((OwnerOnly, OwnerOnly), (File.GetUnixFileMode(_folder["secrets/smtp_password"]), File.GetUnixFileMode(_folder["out/relayproxy.json"])));
        Assert.Contains($"\"PasswordFile\": \"{_folder["secrets/smtp_password"]}\"", File.ReadAllText(_folder["out/relayproxy.json"]), StringComparison.Ordinal);
        Assert.DoesNotContain("pass word", _run.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_standard_output_there_is_never_a_password_nor_a_file_that_was_not_written()
    {
        string source = _folder.Write("msmtprc", "host smtp.example.net\nuser box\npassword hunter2\n");

        Assert.Equal(0, await _run.RunAsync(null, "config", "import", "msmtp", source));

        Assert.DoesNotContain("hunter2", _run.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("\"PasswordFile\"", _run.Said, StringComparison.Ordinal);
        Assert.Contains("--secrets-folder", _run.Said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sendmail", 64)]
    [InlineData("postfix", 66)]
    public async Task Programs_that_are_not_known_and_files_that_are_not_there_are_told(string program, int exit) =>
        Assert.Equal(exit, await _run.RunAsync(null, "config", "import", program, _folder["nowhere"]));
}
