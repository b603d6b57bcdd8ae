using System.Net;
using System.Text;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Client;

/// <summary>What a client can do to keep a relay from its work, each by its name. Each holds that the relay said what it should, and returns when it
/// has done its worst.</summary>
internal static class Attacks
{
    private const string Envelope = "EHLO evil\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<box@example.net>\r\n";
    private const int Gigabyte = 1 << 30;

    /// <summary>So many of the honest client's messages go by while an attack holds what it has taken.</summary>
    private static readonly int s_while = Extent.Of(20, 500);

    private static readonly byte[] s_block = Encoding.ASCII.GetBytes(new string('x', 64 * 1024));

    public static readonly IReadOnlyDictionary<string, Func<EndPoint, HonestClient, Task>> All = new Dictionary<string, Func<EndPoint, HonestClient, Task>>
    {
        ["idle connections"] = IdleAsync,
        ["slow drip"] = DripAsync,
        ["a command of a gigabyte"] = EndlessCommandAsync,
        ["a line of a gigabyte in DATA"] = EndlessLineAsync,
        ["lines of 30 MB"] = (relay, _) => BombAsync(relay, "250", ("Subject: x\r\n\r\n", 1), (new string('x', 64 * 1024), 480)),
        ["chunks of one octet"] = ChunksAsync,
        ["replies that are never read"] = UnreadAsync,
        ["a header field of 100 MB"] = (relay, _) => BombAsync(relay, "552", ("X: ", 1), (new string('x', 64 * 1024), 1600)),
        ["a million header lines"] = (relay, _) => BombAsync(relay, "250", (string.Concat(Enumerable.Repeat("X: y\r\n", 1000)), 1000)),
        ["a header folded into a million lines"] = (relay, _) => BombAsync(relay, "250", ("From:\r\n", 1), (string.Concat(Enumerable.Repeat(" y\r\n", 1000)), 1000)),
        ["a hundred thousand Received"] = (relay, _) => BombAsync(relay, "554 5.4.6", (string.Concat(Enumerable.Repeat("Received: x; y\r\n", 1000)), 100)),
        ["addresses that explode"] = AddressesAsync,
        ["aliases that explode"] = AliasesAsync,
        ["connections beyond the cap"] = BeyondTheCapAsync,
        ["resets"] = ResetsAsync,
        ["half-closed"] = HalfClosedAsync,
    };

    private static async Task IdleAsync(EndPoint relay, HonestClient honest)
    {
        List<Attacker> idle = await ConnectAsync(relay, Extent.Of(250, 1000));
        foreach (Attacker attacker in idle)
        {
            Assert.StartsWith("220 ", await attacker.HearAsync("\n"), StringComparison.Ordinal);
        }

        await honest.SendsAsync(s_while);
        Leave(idle);
    }

    /// <summary>Half of them an octet of a command at a time, half an octet of a message. In full until the relay has had enough of each: a command
    /// has five minutes, and a message a minute's grace.</summary>
    private static async Task DripAsync(EndPoint relay, HonestClient honest)
    {
        List<Attacker> drips = await ConnectAsync(relay, Extent.Of(250, 1000));
        for (int i = 0; i < drips.Count; i += 2)
        {
            await drips[i].SayAsync(Envelope + "DATA\r\n");
            await drips[i].HearAsync("354 ");
        }

        for (int round = 0; round < Extent.Of(3, 330); round++)
        {
            for (int i = 0; i < drips.Count; i++)
            {
                if (i % 2 == 0 || round % 30 == 0)
                {
                    await drips[i].SayAsync("N");
                }
            }

            await honest.SendsAsync(s_while / 10);
            await Task.Delay(Extent.Of(1, 1000));
        }

        if (Extent.Full)
        {
            foreach (Attacker drip in drips)
            {
                Assert.Contains("421 4.4.2 ", await drip.HearAsync(), StringComparison.Ordinal);
            }
        }

        Leave(drips);
    }

    private static async Task EndlessCommandAsync(EndPoint relay, HonestClient honest)
    {
        for (int i = 0; i < Extent.Of(3, 100); i++)
        {
            using Attacker attacker = await Attacker.ConnectAsync(relay);
            Assert.InRange(await attacker.PourAsync(s_block, Gigabyte), 1024 * 1024, 64 * 1024 * 1024);
        }
    }

    private static async Task EndlessLineAsync(EndPoint relay, HonestClient honest)
    {
        for (int i = 0; i < Extent.Of(1, 20); i++)
        {
            using Attacker attacker = await Attacker.ConnectAsync(relay);
            await attacker.SayAsync(Envelope + "DATA\r\n");
            await attacker.HearAsync("354 ");
            Assert.InRange(await attacker.PourAsync(s_block, Gigabyte), 100 * 1024 * 1024, 256 * 1024 * 1024);
        }
    }

    private static async Task ChunksAsync(EndPoint relay, HonestClient honest)
    {
        byte[] chunks = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("BDAT 1\r\nx", 1000)));
        for (int answered = 0; answered < Extent.Of(100_000, 1_000_000);)
        {
            using Attacker attacker = await Attacker.ConnectAsync(relay);
            await attacker.SayAsync(Envelope);
            Task<int> heard = attacker.CountLinesAsync();

            // A session may have so many commands, and is then ended.
            await attacker.PourAsync(chunks, 4_000_000);
            int lines = await heard;
            Assert.InRange(lines, 100_000, 100_020);
            answered += lines;
        }
    }

    private static async Task UnreadAsync(EndPoint relay, HonestClient honest)
    {
        byte[] noops = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("NOOP\r\n", 10_000)));
        List<Attacker> deaf = await ConnectAsync(relay, Extent.Of(10, 200));
        Assert.All(deaf, attacker => Assert.InRange(attacker.PourUntilStalled(noops), 100_000, 50_000_000));
        await honest.SendsAsync(s_while);
        Leave(deaf);
    }

    /// <summary>A message of pieces, each so many times; what it is answered is said before.</summary>
    private static async Task BombAsync(EndPoint relay, string answer, params (string Text, int Times)[] pieces)
    {
        for (int i = 0; i < Extent.Of(1, 20); i++)
        {
            await using RawClient client = await RawClient.ConnectAsync(relay);
            await client.CommandAsync("EHLO evil");
            await client.CommandAsync("MAIL FROM:<evil@example.org>");
            await client.CommandAsync("RCPT TO:<box@example.net>");
            await client.CommandAsync("DATA");
            foreach ((string text, int times) in pieces)
            {
                byte[] octets = Encoding.ASCII.GetBytes(text);
                for (int time = 0; time < times; time++)
                {
                    await client.SendAsync(octets);
                }
            }

            Assert.StartsWith(answer, await client.CommandAsync("\r\n."), StringComparison.Ordinal);
            Assert.StartsWith("250", await client.CommandAsync("NOOP"), StringComparison.Ordinal);
        }
    }

    /// <summary>In a field that is masqueraded, and so read; each just short enough to be.</summary>
    private static async Task AddressesAsync(EndPoint relay, HonestClient honest)
    {
        string[] bombs =
        [
            new string('(', 45_000) + "x" + new string(')', 45_000) + " root", string.Concat(Enumerable.Repeat("<@a,", 22_000)) + ":root@localhost>",
            "<" + string.Concat(Enumerable.Repeat("@a,", 30_000)) + "@a:root@localhost>", "\"" + new string('q', 90_000) + "\"@localhost",
            string.Concat(Enumerable.Repeat("g:", 45_000)), string.Concat(Enumerable.Repeat("g:a@localhost;,", 6_000)), new string('<', 90_000),
            string.Concat(Enumerable.Repeat("\\\"", 45_000)), string.Concat(Enumerable.Repeat("root,", 18_000)),
        ];
        for (int i = 0; i < Extent.Of(1, 100); i++)
        {
            foreach (string bomb in bombs)
            {
                await BombAsync(relay, "250", ($"From: {bomb}\r\n\r\n", 1));
            }
        }
    }

    private static async Task AliasesAsync(EndPoint relay, HonestClient honest)
    {
        await using RawClient client = await RawClient.ConnectAsync(relay);
        await client.CommandAsync("EHLO evil");
        for (int i = 0; i < Extent.Of(100, 10_000); i++)
        {
            await client.CommandAsync("MAIL FROM:<evil@example.org>");
            Assert.StartsWith("550 5.2.4", await client.CommandAsync("RCPT TO:<a1>"), StringComparison.Ordinal);
            Assert.StartsWith("250", await client.CommandAsync("RCPT TO:<i>"), StringComparison.Ordinal);
            await client.CommandAsync("RSET");
        }
    }

    private static async Task BeyondTheCapAsync(EndPoint relay, HonestClient honest)
    {
        // One place is the honest client's.
        List<Attacker> inside = await ConnectAsync(relay, AttackedRelay.MaxConnections - 1);
        foreach (Attacker attacker in inside)
        {
            Assert.StartsWith("220 ", await attacker.HearAsync("\n"), StringComparison.Ordinal);
        }

        int refused = 0;
        await InParallelAsync(Extent.Of(1_000, 20_000), async () =>
        {
            using Attacker attacker = await Attacker.ConnectAsync(relay);
            string heard = await attacker.HearAsync();
            Assert.True(heard.Length == 0 || heard.StartsWith("421 4.7.0 Too many connections", StringComparison.Ordinal), heard);
            Interlocked.Increment(ref refused);
        });
        Assert.Equal(Extent.Of(1_000, 20_000), refused);
        await honest.SendsAsync(s_while);
        Leave(inside);

        // There is room again, as soon as those inside have been seen to leave.
        string greeting;
        do
        {
            using Attacker next = await Attacker.ConnectAsync(relay);
            greeting = await next.HearAsync("\n");
        }
        while (!greeting.StartsWith("220 ", StringComparison.Ordinal));
    }

    /// <summary>At every place in a session.</summary>
    private static Task ResetsAsync(EndPoint relay, HonestClient honest)
    {
        string session = Envelope + "DATA\r\nSubject: x\r\n\r\nbody\r\n";
        int place = 0;
        return InParallelAsync(Extent.Of(1_000, 20_000), async () =>
        {
            using Attacker attacker = await Attacker.ConnectAsync(relay);
            await attacker.SayAsync(session[..(Interlocked.Increment(ref place) % session.Length)]);
            attacker.Reset();
        });
    }

    private static Task HalfClosedAsync(EndPoint relay, HonestClient honest) => InParallelAsync(Extent.Of(100, 5_000), async () =>
    {
        using Attacker attacker = await Attacker.ConnectAsync(relay);
        await attacker.SayAsync(Envelope + "DATA\r\n");
        await attacker.HearAsync("354 ");
        await attacker.SayAsync("Subject: x\r\n\r\nbody\r\n.\r\n");
        attacker.CloseHalf();

        Assert.Contains("250 2.0.0 Queued", await attacker.HearAsync(), StringComparison.Ordinal);
    });

    private static async Task<List<Attacker>> ConnectAsync(EndPoint relay, int count)
    {
        var attackers = new List<Attacker>();
        while (attackers.Count < count)
        {
            attackers.Add(await Attacker.ConnectAsync(relay));
        }

        return attackers;
    }

    private static void Leave(List<Attacker> attackers) => attackers.ForEach(attacker => attacker.Dispose());

    private static Task InParallelAsync(int times, Func<Task> attack) => Parallel.ForEachAsync(
        Enumerable.Range(0, times), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) => await attack());
}
