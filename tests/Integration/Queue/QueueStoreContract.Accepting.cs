using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Integration.Queue;

public abstract partial class QueueStoreContract
{
    [Fact]
    public async Task A_message_not_committed_was_never_there()
    {
        await using (PreparedMessage prepared = await PrepareAsync(Letter(), Octets(100_000)))
        {
            Assert.Empty(await LeaseAsync());
        }

        await ReopenAsync(abruptly: true);

        Assert.Empty(await LeaseAsync());
        Assert.Empty(await IdsAsync(QueueSelection.All));
        Assert.Equal(new QueueTotals(0, 0, 0, 0, 0, 0, null, null), await Store.TotalsAsync(Token));
    }

    [Fact]
    public async Task A_committed_message_comes_back_as_it_was_given()
    {
        NewMessage letter = Letter("Jörg.\"x\"@example.net", "ops@example.net", "root@web1") with
        {
            Envelope = new Envelope
            {
                Sender = Box("Jörg.\"x\"@example.net"),
                EnvelopeId = "QQ+2B1",
                Return = DsnReturn.Headers,
                Declared8BitMime = true,
                DeclaredSmtpUtf8 = true,
            },
            Recipients =
            [
                new Recipient(Box("ops@example.net"), DsnNotify.Success | DsnNotify.Delay, "rfc822;root@web1"),
                new Recipient(new Mailbox("root", ""), DsnNotify.Never),
            ],
            Traits = ContentTraits.EightBit | ContentTraits.LongLine,
            HeaderOctets = 123,
        };
        byte[] content = Octets(1000);

        QueueId id = await AcceptAsync(letter, content);
        QueueLease lease = await LeaseOneAsync();

        QueuedMessage message = lease.Message;
        Assert.Equal(id, message.Id);
        Assert.Equal(letter.Envelope, message.Envelope);
        Assert.Equal(letter.Recipients, message.Recipients.Select(recipient => recipient.Recipient));
        Assert.Equal([0, 1], message.Recipients.Select(recipient => recipient.Ordinal));
        Assert.All(message.Recipients, recipient => Assert.Equal((RecipientState.Waiting, 0, null), (recipient.State, recipient.Attempts, recipient.LastReply)));
        Assert.Equal(letter.Traits, message.Traits);
        Assert.Equal((1000, 123), (message.Octets, message.HeaderOctets));
        Assert.Equal((letter.ReceivedAt, letter.ExpiresAt, letter.DelayNoticeAt), (message.ReceivedAt, message.ExpiresAt, message.DelayNoticeAt));
        Assert.Equal((letter.Origin, letter.MessageId, letter.TraceParent), (message.Origin, message.MessageId, message.TraceParent));
        Assert.Equal(message.Recipients, lease.Due);
        Assert.Equal(content, Read(lease.Content));
        Assert.Equal(content, Read(lease.Content));
    }

    [Fact]
    public async Task The_null_sender_stays_null()
    {
        await AcceptAsync(Letter(sender: ""));

        Assert.Null((await LeaseOneAsync()).Message.Envelope.Sender);
    }

    [Fact]
    public async Task A_message_committed_with_a_lease_comes_back_leased_and_whole()
    {
        byte[] content = Octets(2000);

        QueueLease lease = await AcceptLeasedAsync(Letter("a@example.net", "b@example.net", "c@example.net"), content);

        Assert.Equal(2, lease.Due.Count);
        Assert.Equal(content, Read(lease.Content));
        Assert.True(lease.Until > Now);
        Assert.Empty(await LeaseAsync());
        QueuedMessage shown = await ShowAsync(lease.Message.Id);
        Assert.True(shown.InDelivery);
        Assert.Equal(lease.Message.Recipients, shown.Recipients);
        Assert.Equal(SettleResult.Settled, await Store.SettleAsync(Delivered(lease), Token));
        Assert.Empty(await IdsAsync(QueueSelection.All));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(65536)]
    [InlineData(131072)]
    [InlineData(300_001)]
    public async Task Content_of_every_size_comes_back_octet_by_octet(int octets)
    {
        byte[] content = Octets(octets);

        QueueLease fresh = await AcceptLeasedAsync(Letter(), content);
        await AcceptAsync(Letter(), content);
        QueueLease stored = await LeaseOneAsync();

        Assert.Equal(octets, fresh.Content.Octets);
        Assert.Equal(octets, stored.Content.Octets);
        Assert.Equal(octets, stored.Message.Octets);
        Assert.Equal(content, Read(fresh.Content));
        Assert.Equal(content, Read(stored.Content));
        MessageContent? found = await Store.FindContentAsync(stored.Message.Id, Token);
        Assert.Equal(content, Read(found!));
    }

    [Fact]
    public async Task Content_may_come_in_pieces_of_any_size()
    {
        byte[] content = Octets(200_000);
        await using IMessageWriter writer = Store.BeginMessage(QueueId.Next(Clock));
        for (int at = 0, piece = 1; at < content.Length; at += piece, piece = (piece * 3) + 1)
        {
            piece = Math.Min(piece, content.Length - at);
            await writer.WriteAsync(content.AsMemory(at, piece), Token);
        }

        await using PreparedMessage prepared = await writer.CompleteAsync(Letter(), Token);
        Assert.Equal(CommitStatus.Committed, (await Store.CommitAsync(prepared, lease: false, Token)).Status);

        Assert.Equal(content, Read((await LeaseOneAsync()).Content));
    }

    [Fact]
    public async Task Large_bodies_stream_and_vanish()
    {
        long before = OctetsOnDisk();
        QueueLease lease = await AcceptLeasedAsync(Letter(), Octets(3_000_000));
        Assert.True(OctetsOnDisk() > before + 2_900_000);

        await Store.SettleAsync(Delivered(lease), Token);

        Assert.True(OctetsOnDisk() < before + 500_000);
        Assert.Null(await Store.FindContentAsync(lease.Message.Id, Token));
    }

    [Fact]
    public async Task A_large_message_not_committed_takes_no_room()
    {
        long before = OctetsOnDisk();
        await using (IMessageWriter begun = Store.BeginMessage(QueueId.Next(Clock)))
        {
            await begun.WriteAsync(Octets(1_000_000), Token);
        }

        await using (PreparedMessage prepared = await PrepareAsync(Letter(), Octets(1_000_000)))
        {
        }

        Assert.True(OctetsOnDisk() < before + 500_000);
    }

    [Fact]
    public async Task A_message_that_is_there_cannot_be_put_in_again()
    {
        await using PreparedMessage prepared = await PrepareAsync(Letter());
        await Store.CommitAsync(prepared, lease: false, Token);

        CommitResult again = await Store.CommitAsync(prepared, lease: false, Token);
        QueueId other = await AcceptAsync(Letter());

        Assert.Equal(CommitStatus.Failed, again.Status);
        Assert.Equal([prepared.Id, other], await IdsAsync(QueueSelection.All));
    }

    [Fact]
    public async Task Many_at_once_are_each_answered_for_themselves()
    {
        await using PreparedMessage twin = await PrepareAsync(Letter());
        Task<CommitResult>[] twins = [.. Enumerable.Range(0, 5).Select(_ => Store.CommitAsync(twin, lease: false, Token).AsTask())];
        Task<QueueId>[] others = [.. Enumerable.Range(0, 50).Select(_ => AcceptAsync(Letter()))];

        CommitResult[] results = await Task.WhenAll(twins);
        QueueId[] ids = await Task.WhenAll(others);

        Assert.Single(results, result => result.Status == CommitStatus.Committed);
        Assert.Equal(
            ids.Append(twin.Id).OrderBy(id => id.Value),
            await IdsAsync(QueueSelection.All));
        Assert.Equal(51, (await Store.TotalsAsync(Token)).Messages);
    }
}
