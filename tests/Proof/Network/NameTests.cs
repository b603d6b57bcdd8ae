using System.Diagnostics;
using System.Net;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Network;

/// <summary>
/// Names that are not answered, or answered wrongly, through the system's own resolver: mail is taken all the while, nobody but the smarthost hears a
/// secret, and all of it arrives once the truth is told.
/// </summary>
[Collection(nameof(Mounts))]
public sealed class NameTests : IAsyncLifetime
{
    private const string Impostor = "127.0.0.3", Nobody = "127.0.0.4", Swallowed = "10.204.0.77";

    private static readonly Dictionary<string, Func<Question, byte[]?>> s_lies = new()
    {
        ["no-such-name"] = asked => asked.DoesNotExist,
        ["failure"] = asked => asked.Failure,
        ["silence"] = _ => null,
        ["truncated"] = asked => asked.Truncated,
        ["garbage"] = asked => [.. asked.Nothing[..12], .. Enumerable.Repeat((byte)0xC0, 300)],
        ["half-an-answer"] = asked => asked.Addresses(Impostor, "::2")[..^3],
        ["another-name"] = asked => asked.AddressesOf("smarthost.example", Impostor),
        ["another-question"] = asked => asked.ToAnother(Impostor),
        ["alias-of-itself"] = asked => asked.AliasOfItself,
        ["empty"] = asked => asked.Nothing,
        ["nobody-there"] = asked => asked.Addresses(Nobody, "::1"),
        ["swallowed"] = asked => asked.Addresses(Swallowed),
        ["no-host"] = asked => asked.Addresses("0.0.0.0", "255.255.255.255", "224.0.0.1", "::", "ff02::1", "::ffff:0.0.0.0", "fe80::1"),
        ["impostor"] = asked => asked.Addresses(Impostor),
        ["two-hundred"] = asked => asked.Addresses(Enumerable.Range(1, 200).Select(last => $"127.0.1.{last}")),
    };

    private readonly FakeSmarthost _impostor = new() { Certificate = TestCertificates.WrongName };
    private NetworkNamespace _network = null!;
    private NameServer _names = null!;
    private int _smarthosts;

    public async ValueTask InitializeAsync()
    {
        _network = await NetworkNamespace.CreateAsync();
        _names = new NameServer(_network);
        _impostor.ListenIn(_network, new IPEndPoint(IPAddress.Parse(Impostor), 465));

        // A neighbour that is known and not there: what is sent to it is gone.
        await _network.RunAsync("ip", "link", "add", "nowhere", "type", "veth", "peer", "name", "void");
        await _network.RunAsync("ip", "address", "add", "10.204.0.1/24", "dev", "nowhere");
        await _network.RunAsync("ip", "link", "set", "nowhere", "up");
        await _network.RunAsync("ip", "link", "set", "void", "up");
        await _network.RunAsync("ip", "neighbour", "add", Swallowed, "lladdr", "02:00:00:00:00:01", "dev", "nowhere");
    }

    public async ValueTask DisposeAsync()
    {
        await _impostor.DisposeAsync();
        await _names.DisposeAsync();
        await _network.DisposeAsync();
    }

    [Fact]
    public async Task C34_Whatever_is_answered_mail_is_taken_and_arrives_once_the_truth_is_told()
    {
        int rounds = Extent.Of(1, 20);
        var watch = Stopwatch.StartNew();
        int messages = 0;
        await Parallel.ForEachAsync(s_lies, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (lie, _) =>
        {
            await using Place place = OpenPlace();
            await using RelayWithBooks relay = Open(place, lie.Key, "timeout:1 attempts:1");
            await relay.StartAsync();
            for (int round = 0; round < rounds; round++)
            {
                await LieAsync(relay, place, lie.Key, lie.Value);
            }

            await relay.StopAsync();
            Assert.Equal(0, await relay.CloseAsync());
            Interlocked.Add(ref messages, relay.Ledger.Accepted);
        });

        Assert.True(_impostor.Connections >= rounds);
        Assert.Empty(_impostor.Commands);
        Figures.Note(
            "network, names that fail, hang and lie", ("lies", s_lies.Count), ("rounds", rounds), ("messages", messages), ("lost", 0), ("twice", 0),
            ("impostor met", _impostor.Connections), ("secrets that it heard", 0), ("time", $"{watch.Elapsed.TotalSeconds:0} s"));
    }

    [Fact]
    public async Task C33_One_true_address_among_two_hundred_is_found()
    {
        await using Place place = OpenPlace();
        _names.Say(NameOf("among-many"), asked => asked.Addresses([.. Enumerable.Range(1, 199).Select(last => $"127.0.1.{last}"), place.Address]));
        await using RelayWithBooks relay = Open(place, "among-many", "timeout:1 attempts:1");
        await relay.StartAsync();
        await relay.SendAsync(1_000);
        await relay.ArrivedAsync("two hundred addresses");
        await relay.StopAsync();
        Assert.Equal((0, 0), (await relay.CloseAsync(), relay.Rests));
    }

    [Fact]
    public async Task C34_A_resolver_that_hangs_for_minutes_keeps_neither_delivery_nor_the_end_waiting()
    {
        await using Place place = OpenPlace();
        await using RelayWithBooks relay = Open(place, "hangs", "timeout:30 attempts:5", "Smarthost:ConnectTimeout=01:00:00", "ShutdownGrace=00:00:02");
        await relay.StartAsync();
        await relay.SendAsync(1_000);
        await relay.UntilAsync(() => Task.FromResult(_names.Asked(NameOf("hangs")) > 0), "Nobody asks for the name");

        // In full: longer than the loop has patience with itself.
        long began = Stopwatch.GetTimestamp();
        do
        {
            await relay.SendAsync(1_000);
            await relay.HealthAsync("--live");
        }
        while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(Extent.Of(0, 100)));

        TimeSpan hung = Stopwatch.GetElapsedTime(began);
        TimeSpan stopped = await relay.StopAsync();
        _names.Say(NameOf("hangs"), asked => asked.Addresses(place.Address));
        await relay.StartAsync();
        await relay.ArrivedAsync("a resolver that hung");
        await relay.StopAsync();
        Assert.Equal(0, await relay.CloseAsync());
        Figures.Note(
            "network, a resolver that hangs for 150 s", ("watched", $"{hung.TotalSeconds:0} s"), ("messages", relay.Ledger.Accepted), ("lost", 0),
            ("stopped within", $"{stopped.TotalSeconds:0.0} s"));
    }

    private static string NameOf(string label) => $"{label}.{TestCertificates.HostName}";

    /// <summary>Lies until the relay has found out, with mail before and after, and tells the truth.</summary>
    private async Task LieAsync(RelayWithBooks relay, Place place, string lie, Func<Question, byte[]?> answer)
    {
        string name = NameOf(lie);
        int asked = _names.Asked(name), rests = relay.Rests;
        _names.Say(name, answer);
        await relay.SendAsync(1_000);
        await relay.UntilAsync(() => Task.FromResult(_names.Asked(name) > asked && relay.Rests > rests), $"{lie} is not noticed");
        await relay.SendAsync(20_000);
        Assert.Contains("smarthost: ", await relay.HealthAsync(), StringComparison.Ordinal);

        _names.Say(name, question => question.Addresses(place.Address));
        await relay.RetryAllAsync();
        await relay.ArrivedAsync(lie);
    }

    /// <summary>A smarthost at an address of its own.</summary>
    private Place OpenPlace()
    {
        var place = new Place($"127.0.2.{Interlocked.Increment(ref _smarthosts)}");
        place.Smarthost.ListenIn(_network, new IPEndPoint(IPAddress.Parse(place.Address), 465));
        return place;
    }

    private RelayWithBooks Open(Place place, string label, string patience, params string[] settings) => new(
        place.Smarthost, NameOf(label), 465, _network, $"nameserver {NameServer.Address}\noptions {patience}\n",
        ["Smarthost:IdleClose=00:00:00", "Smarthost:ConnectTimeout=00:00:01", .. settings]);

    private sealed class Place(string address) : IAsyncDisposable
    {
        public string Address => address;

        public FakeSmarthost Smarthost { get; } = new() { Certificate = TestCertificates.Wildcard, Password = "Nobody-Else-May-Hear-This" };

        public ValueTask DisposeAsync() => Smarthost.DisposeAsync();
    }
}
