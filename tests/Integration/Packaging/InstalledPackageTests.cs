using RelayProxy.Harness;

namespace RelayProxy.Integration.Packaging;

/// <summary>What a new user does on a machine that had dma: install the package, set it up, and go on as before.</summary>
[Collection(nameof(Debian))]
public sealed class InstalledPackageTests(InstalledPackageTests.Fixture fixture) : IClassFixture<InstalledPackageTests.Fixture>
{
    private readonly InstalledRelay _relay = fixture.Relay;

    public static TheoryData<string> Programs => [.. SendingProgram.All.Select(program => program.Name)];

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Mail_of_every_program_reaches_the_smarthost(string name)
    {
        SendingProgram program = SendingProgram.All.Single(program => program.Name == name);

        await _relay.Machine.RunAsAsync(program.User, program.Script);

        CapturedMail mail = await _relay.Smarthost.NextMailAsync();
        Assert.Equal((program.Sender, "box@example.net"), (mail.Sender, mail.User));
        Assert.Equal(program.Recipient, string.Join(", ", mail.Recipients));
        string text = mail.Text.Replace("\r\n", "\n", StringComparison.Ordinal);
        int body = text.IndexOf("\n\n", StringComparison.Ordinal);
        Assert.StartsWith("Received: ", text, StringComparison.Ordinal);
        Assert.Contains($"\n{program.Header}\n", text[..(body + 1)], StringComparison.Ordinal);
        Assert.Contains(program.Body, text[(body + 1)..], StringComparison.Ordinal);
        Assert.DoesNotContain("two@example.com", text, StringComparison.Ordinal);
        Assert.Empty(_relay.Smarthost.Violations);
    }

    [Fact]
    public async Task The_old_names_do_what_they_did()
    {
        Assert.Equal("Mail queue is empty", await _relay.Machine.RunAsync("mailq"));
        Assert.Equal("Mail queue is empty", await _relay.Machine.RunAsync("/usr/sbin/sendmail -bp"));
        Assert.Contains("/etc/aliases: 1 aliases", await _relay.Machine.RunAsync("newaliases"), StringComparison.Ordinal);
        Assert.Contains("login        works", await _relay.Machine.RunAsync("relayproxy check --connect"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_that_the_program_needs_is_missing() =>
        Assert.Empty(await _relay.Machine.RunAsync("ldd /usr/lib/relayproxy/*.so /usr/lib/relayproxy/relayproxy | grep 'not found' || true"));

    public sealed class Fixture(DebianTree tree, DebianPackage package) : IAsyncLifetime
    {
        private InstalledRelay? _relay;

        internal InstalledRelay Relay => _relay ?? throw new InvalidOperationException("Not started.");

        public async ValueTask InitializeAsync()
        {
            _relay = await InstalledRelay.InstallAsync(tree, package);
            await _relay.ConfigureAsync();
            await _relay.StartAsync();
        }

        public ValueTask DisposeAsync() => _relay?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
