using System.Globalization;
using RelayProxy.Delivery.Local;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Bounces;

/// <summary>
/// Bounces as other people's programs read them: libmail-deliverystatus-bounceparser-perl, Sisimai, flufl.bounce (which is Mailman's), and Python's
/// email package by the book. Each bounce is one that the relay wrote and sent.
/// </summary>
public sealed class BounceReadersTests(WrittenBounces bounces) : IClassFixture<WrittenBounces>
{
    public static TheoryData<string> Failures { get; } = [.. Failure.All.Select(failure => failure.Name)];

    [Theory]
    [MemberData(nameof(Failures))]
    public void Every_reader_finds_the_recipients_that_failed_and_the_status(string name)
    {
        Failure failure = Failure.All.Single(failure => failure.Name == name);

        Assert.Equal(failure.Expected.SelectMany(failed => Expected(failure, failed)).Order(StringComparer.Ordinal), bounces.Found(failure));
    }

    private static IEnumerable<string> Expected(Failure failure, (string Recipient, string Status) failed)
    {
        // Whoever wrote to an alias wants to hear of that; the one reader tells of it, the other of who stands behind it.
        string original = failure.Original ?? failed.Recipient;
        yield return $"email {failed.Recipient} {failed.Status} {(failure.IsDelay ? "delayed" : "failed")}";
        if (!failure.Unread.Contains("flufl.bounce"))
        {
            yield return $"flufl.bounce {original}  {(failure.IsDelay ? "temporary" : "permanent")}";
        }

        if (!failure.Unread.Contains("bounceparser"))
        {
            yield return $"bounceparser {original} {failed.Status}";
        }

        if (!failure.Unread.Contains("sisimai"))
        {
            yield return $"sisimai {failed.Recipient} {failed.Status}";
        }
    }
}

/// <summary>Writes the bounces once, and has them all read.</summary>
public sealed class WrittenBounces : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private string[][] _found = [];

    /// <summary>A line for what each reader found. What the Perl modules think of the cause is theirs alone.</summary>
    internal IEnumerable<string> Found(Failure failure) => _found
        .Where(found => found[1] == FileOf(failure))
        .Select(found => string.Join(' ', found[0] is "email" or "flufl.bounce" ? [found[0], .. found[2..5]] : (string[])[found[0], .. found[2..4]]))
        .Order(StringComparer.Ordinal);

    public async ValueTask InitializeAsync()
    {
        foreach (Failure failure in Failure.All)
        {
            await File.WriteAllBytesAsync(_folder[FileOf(failure)], await BounceOfAsync(failure));
        }

        string[] files = [.. Failure.All.Select(failure => _folder[FileOf(failure)])];
        string[][] readers = [["perl", Repository.Path("tests", "Proof", "Bounces", "read.pl")], ["/usr/bin/python3", Repository.Path("tests", "Proof", "Bounces", "read.py")]];
        var lines = new List<string>();
        foreach (string[] reader in readers)
        {
            (int exitCode, string output, string error) = await ChildProcess.RunApartAsync(reader[0], [.. reader[1..], .. files]);
            Assert.True(exitCode == 0, $"{reader[1]}: {error}");
            lines.AddRange(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }

        _found = [.. lines.Select(line => line.Split('\t'))];
        Figures.Note("bounces", ("failures", Failure.All.Count), ("readers", 4), ("recipients read", _found.Length));
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string FileOf(Failure failure) => $"{failure.Name}.eml";

    private static async Task<byte[]> BounceOfAsync(Failure failure)
    {
        await using var relay = new DeliveryUnderTest();
        relay.LocalOptions = new LocalOptions { Delivery = LocalMailbox.Mbox, CommandUser = Environment.UserName };
        relay.QueueOptions.DelayNoticeAfter = failure.IsDelay ? TimeSpan.FromHours(4) : TimeSpan.Zero;
        failure.Arrange(relay);
        relay.Start();
        await relay.AcceptAsync(failure.Envelope, failure.Recipients, failure.Content);
        await relay.QuietAsync();
        await relay.PassAsync(failure.After, TimeSpan.FromHours(2));

        // What kept the message kept its bounce too.
        relay.IsAway = false;
        relay.Wire = null;
        relay.SmarthostOptions = relay.Smarthost.ClientOptions();
        await relay.PassAsync(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1));
        CapturedMail[] bounces = [.. relay.Smarthost.Mails.Where(mail => mail.Sender.Length == 0)];
        return bounces.Length == 1
            ? bounces[0].Content
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{failure.Name}: {bounces.Length} bounces\n{relay.Log}"));
    }
}
