using RelayProxy.Harness;

namespace RelayProxy.Integration.Foreign;

/// <summary>The letters, sent to Anna, a user of this machine, each with a tag that tells which it is: <c>anna+dots</c>.</summary>
internal static class MailForAnna
{
    public const string Sender = "sender@example.org";

    /// <summary>Starts a relay at which Anna and a ghost are users, with mailboxes where the settings say.</summary>
    public static Task<RelayProcess> StartRelayAsync(TemporaryFolder folder, FakeSmarthost smarthost, params string[] settings)
    {
        smarthost.Listen();
        return RelayProcess.StartAsync(folder["queue"], [.. RelayProcess.SettingsFor(smarthost), "Local:Users=anna,ghost", .. settings]);
    }

    /// <summary>Sends all of them, and waits until each is delivered.</summary>
    public static Task SendAsync(RelayProcess relay, TemporaryFolder folder) => Task.WhenAll(Letter.Names.Select(async letter =>
    {
        string file = folder.Write($"sent/{letter}", "");
        await File.WriteAllBytesAsync(file, Letter.Octets(letter));
        await MailClient.All[0].SendAsync(relay.EndPoint.Port, Sender, $"anna+{letter}@localhost", file);
        Assert.Contains(" status=delivered ", await relay.WaitForLineAsync($"to=<anna+{letter}@example.org>"), StringComparison.Ordinal);
    }));

    /// <summary>All of them have arrived, once, octet for octet below what was put on top.</summary>
    /// <param name="arrived">With LF line ends, in any order.</param>
    /// <param name="added">How the fields begin that were put on top; TAG is the letter's name.</param>
    public static void AssertArrived(IEnumerable<byte[]> arrived, params string[] added)
    {
        byte[][] mails = [.. arrived];
        Assert.Equal(Letter.Names.Order(), mails.Select(Letter.NameOf).Order());
        Assert.All(mails, mail =>
        {
            string letter = Letter.NameOf(mail);
            Letter.AssertSame(Letter.Octets(letter), mail, letter, [.. added.Select(field => field.Replace("TAG", letter, StringComparison.Ordinal))]);
        });
    }
}
