using System.Text;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Processes;

/// <summary>Bodies stream: what is on its way does not have to fit into memory.</summary>
public sealed class MemoryTests : IDisposable
{
    private const int Messages = 20;
    private const int Octets = 25 * 1024 * 1024;
    private readonly string _queue = Directory.CreateTempSubdirectory("relayproxy-memory-").FullName;

    public void Dispose() => Directory.Delete(_queue, recursive: true);

    [Fact]
    public async Task Twenty_messages_of_25_MB_at_once_stay_below_150_MB()
    {
        await using FakeSmarthost smarthost = new FakeSmarthost { OnGreeting = _ => "421 4.3.2 Not today" }.Listen();
        await using RelayProcess relay = await RelayProcess.StartAsync(_queue, RelayProcess.SettingsFor(smarthost));
        byte[] line = Encoding.ASCII.GetBytes(new string('x', 76) + "\r\n");
        byte[] block = [.. Enumerable.Repeat(line, 800).SelectMany(octets => octets)];

        string[] replies = await Task.WhenAll(Enumerable.Range(0, Messages).Select(async number =>
        {
            await using RawClient client = await RawClient.ConnectAsync(relay.EndPoint);
            await client.CommandAsync("EHLO test.example");
            await client.CommandAsync("MAIL FROM:<app@example.org>");
            await client.CommandAsync("RCPT TO:<box@example.net>");
            await client.CommandAsync("DATA");
            await client.SendAsync($"Subject: {number}\r\n\r\n");
            for (int sent = 0; sent < Octets; sent += block.Length)
            {
                await client.SendAsync(block);
            }

            return await client.CommandAsync(".");
        }));

        Assert.All(replies, reply => Assert.StartsWith("250 2.0.0", reply));
        Assert.InRange(relay.PeakResidentOctets, 1, 150L * 1024 * 1024);
    }
}
