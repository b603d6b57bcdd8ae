using RelayProxy.Harness;

namespace RelayProxy.Integration.Foreign;

/// <summary>Mailboxes that the relay has written, read by the mailbox module of Python.</summary>
public sealed class PythonMailboxTests : IAsyncDisposable
{
    /// <summary>Writes each message to a file. The module leaves it to its callers to undo the quoting of an mbox.</summary>
    private const string Read = """
        import mailbox, os, re, sys
        kind, box, folder = sys.argv[1:]
        mails = mailbox.mbox(box, create=False) if kind == 'Mbox' else mailbox.Maildir(box, create=False)
        os.mkdir(folder)
        for number, key in enumerate(mails.keys()):
            octets = mails.get_bytes(key)
            if kind == 'Mbox':
                octets = re.sub(rb'^>(>*From )', rb'\1', octets, flags=re.MULTILINE)
            open(os.path.join(folder, str(number)), 'xb').write(octets)
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeSmarthost _smarthost = new();

    [Theory]
    [InlineData("Mbox")]
    [InlineData("Maildir")]
    public async Task Python_reads_back_what_was_sent(string kind)
    {
        await Programs.RequireAsync("python3");
        Directory.CreateDirectory(_folder["boxes"]);
        await using RelayProcess relay = await MailForAnna.StartRelayAsync(
            _folder, _smarthost, $"Local:Delivery={kind}", $"Local:MboxFolder={_folder["boxes"]}", $"Local:Maildir={_folder["boxes/%u"]}");
        await MailForAnna.SendAsync(relay, _folder);

        await Programs.RunAsync("python3", "-c", Read, kind, _folder["boxes/anna"], _folder["read"]);

        MailForAnna.AssertArrived(
            Directory.EnumerateFiles(_folder["read"]).Select(File.ReadAllBytes),
            $"Return-Path: <{MailForAnna.Sender}>", "X-Original-To: anna+TAG@", "Delivered-To: anna+TAG@example.org", "Received: from ");
        Assert.Empty(_smarthost.Mails);
    }

    public async ValueTask DisposeAsync()
    {
        await _smarthost.DisposeAsync();
        _folder.Dispose();
    }
}
