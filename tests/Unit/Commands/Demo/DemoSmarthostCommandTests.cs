using RelayProxy.Commands.Demo;

namespace RelayProxy.Unit.Commands.Demo;

public class DemoSmarthostCommandTests
{
    [Fact]
    public async Task It_writes_its_authority_down_says_where_it_listens_and_ends_when_asked()
    {
        string folder = Directory.CreateTempSubdirectory("relayproxy-").FullName;
        string authorityFile = Path.Combine(folder, "ca.pem");
        using var output = new StringWriter();
        using var ending = new CancellationTokenSource();
        Task<int> run = DemoSmarthostCommand.RunAsync(
            new DemoSmarthostOptions(), authorityFile, static _ => { }, new DemoScreen(output, colour: false), TimeProvider.System, ending.Token);
        await ending.CancelAsync();

        Assert.Equal(0, await run);
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", await File.ReadAllTextAsync(authorityFile, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Matches(@"^The stand-in smarthost is ready on 127\.0\.0\.1:\d+, .*\n0 messages, 0 octets\.\n$", output.ToString());
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(false, 0, 5)]
    [InlineData(true, 0, 0)]
    [InlineData(false, 2, 2)]
    public void It_tells_of_each_message_of_none_or_of_every_so_many(bool quiet, int every, int lines)
    {
        using var output = new StringWriter();
        Action<DemoArrival> tell = DemoSmarthostCommand.Teller(quiet, every, new DemoScreen(output, colour: false), TimeProvider.System);
        for (int number = 1; number <= 5; number++)
        {
            tell(new DemoArrival(number, "app@example.org", ["box@example.net"], default, 1, []));
        }

        Assert.Equal(lines, output.ToString().Count(letter => letter == '\n'));
    }
}
