using Microsoft.Extensions.Logging;
using RelayProxy.Harness;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Upstream;

public sealed class SmarthostCredentialsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RecordingLogger _logger = new();
    private readonly TestClock _clock = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("secret", "secret")]
    [InlineData("secret\n", "secret")]
    [InlineData("secret\r\n", "secret")]
    [InlineData("secret\nsecond line\n", "secret")]
    [InlineData(" with blanks \n", " with blanks ")]
    [InlineData("secret\n\n", "secret")]
    [InlineData("pässwörd\n", "pässwörd")]
    public async Task The_password_is_the_first_line_without_its_end(string content, string password)
    {
        SmarthostSecrets secrets = await ReadAsync(new SmarthostOptions { PasswordFile = _folder.Write("password", content) });

        Assert.Equal(password, secrets.Password);
    }

    [Fact]
    public async Task A_token_is_read_from_a_file_too_and_anew_each_time()
    {
        var options = new SmarthostOptions { AccessTokenFile = _folder.Write("token", "one\n") };
        SmarthostCredentials credentials = Credentials();
        SmarthostSecrets first = await credentials.ReadAsync(options, CancellationToken.None);
        _folder.Write("token", "two\n");

        Assert.Equal("one", first.AccessToken);
        Assert.Equal("two", (await credentials.ReadAsync(options, CancellationToken.None)).AccessToken);
    }

    [Fact]
    public async Task The_expiry_is_that_of_the_token_in_the_file_and_unknown_without_one()
    {
        const string Token = "head.eyJleHAiOjE3OTg3NjE2MDB9.signature";
        var options = new SmarthostOptions { AccessTokenFile = _folder.Write("token", Token + "\n") };

        Assert.Equal(
            new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), await SmarthostCredentials.ReadTokenExpiryAsync(options, CancellationToken.None));
        Assert.Null(await SmarthostCredentials.ReadTokenExpiryAsync(new SmarthostOptions { AccessTokenFile = _folder["none"] }, CancellationToken.None));
        Assert.NotNull(await SmarthostCredentials.ReadTokenExpiryAsync(new SmarthostOptions { AccessToken = Token }, CancellationToken.None));
    }

    [Fact]
    public async Task An_empty_file_is_no_password()
    {
        SecretUnavailableException failure = await FailAsync(new SmarthostOptions { PasswordFile = _folder.Write("password", "\n") });

        Assert.Equal("Smarthost:PasswordFile: it is empty", failure.Message);
    }

    [Fact]
    public async Task A_file_that_is_no_secret_is_not_read_to_its_end()
    {
        SecretUnavailableException failure = await FailAsync(new SmarthostOptions { PasswordFile = "/dev/zero" });

        Assert.Contains("longer than", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task C48_A_file_that_has_become_unreadable_does_not_replace_what_it_held()
    {
        var options = new SmarthostOptions { PasswordFile = _folder.Write("password", "secret") };
        SmarthostCredentials credentials = Credentials();
        await credentials.ReadAsync(options, CancellationToken.None);
        _folder.Write("password", "");

        Assert.Equal("secret", (await credentials.ReadAsync(options, CancellationToken.None)).Password);
        (LogLevel level, _, string text) = Assert.Single(_logger.Entries);
        Assert.Equal(LogLevel.Warning, level);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("printf 'secret\\nmore\\n'", "secret")]
    [InlineData("echo $HOME", "$HOME")] // No shell.
    [InlineData("sh -c 'echo secret; head -c 200000 /dev/zero'", "secret")]
    public async Task A_command_says_the_password_in_its_first_line(string command, string password) =>
        Assert.Equal(password, (await ReadAsync(new SmarthostOptions { PasswordCommand = command })).Password);

    [Theory]
    [InlineData("/nowhere/program", "/nowhere/program did not start")]
    [InlineData("my-secret", "its program did not start")]         // the password, in the place of what asks for it
    [InlineData("sh -c 'echo secret; exit 3'", "sh ended with exit code 3")]
    [InlineData("true", "it is empty")]
    [InlineData("echo 'open", "a quote is not closed")]
    public async Task A_command_that_fails_says_no_password_and_its_output_is_not_shown(string command, string words)
    {
        SecretUnavailableException failure = await FailAsync(new SmarthostOptions { PasswordCommand = command });

        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_hangs_is_ended_after_ten_seconds()
    {
        ValueTask<SmarthostSecrets> read = ReadAsync(new SmarthostOptions { PasswordCommand = "sleep 600" });
        await _clock.WaitsForAsync(TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(10));

        SecretUnavailableException failure = await Assert.ThrowsAsync<SecretUnavailableException>(async () => await read);
        Assert.Equal("Smarthost:PasswordCommand: sleep took longer than 10 s", failure.Message);
    }

    [Fact]
    public void What_was_read_does_not_show_itself()
    {
        Assert.DoesNotContain("secret", new SmarthostSecrets("secret", "secret").ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", $"{new SmarthostOptions { Password = "secret" }}", StringComparison.Ordinal);
    }

    private SmarthostCredentials Credentials() => new(_clock, _logger);

    private ValueTask<SmarthostSecrets> ReadAsync(SmarthostOptions options) => Credentials().ReadAsync(options, CancellationToken.None);

    private Task<SecretUnavailableException> FailAsync(SmarthostOptions options) =>
        Assert.ThrowsAsync<SecretUnavailableException>(async () => await ReadAsync(options));
}
