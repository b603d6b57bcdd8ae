using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Integration.Queue;

public abstract partial class QueueStoreContract
{
    [Fact]
    public async Task Where_a_recipient_lives_and_who_answers_for_it_is_kept()
    {
        var local = new LocalDestination(LocalDestinationKind.Command, "/usr/bin/vacation -a \"ünicode\"");
        await AcceptAsync(Letter() with
        {
            Recipients =
            [
                new Recipient(Box("list@example.net")) { Local = local, ReturnPath = Box("owner-list@example.net") },
                new Recipient(Box("far@example.com")),
            ],
        });

        QueueLease lease = Assert.Single(await LeaseLocalAsync());

        Assert.Equal(
            [(local, Box("owner-list@example.net")), (null, null)],
            lease.Message.Recipients.Select(recipient => (recipient.Recipient.Local, recipient.Recipient.ReturnPath)));
    }

    [Fact]
    public async Task Each_route_has_its_own_recipients()
    {
        await AcceptAsync(Mixed());

        Assert.Equal([1], Assert.Single(await LeaseLocalAsync()).Due.Select(recipient => recipient.Ordinal));
    }

    [Fact]
    public async Task A_message_leased_for_one_route_is_not_leased_for_the_other()
    {
        await AcceptAsync(Mixed());

        QueueLease lease = await LeaseOneAsync();

        Assert.Equal([0, 2], lease.Due.Select(recipient => recipient.Ordinal));
        Assert.Empty(await LeaseLocalAsync());
    }

    [Fact]
    public async Task What_one_route_has_settled_leaves_the_other_as_it_was()
    {
        QueueId id = await AcceptAsync(Mixed());
        QueueLease far = await LeaseOneAsync();
        await Store.SettleAsync(Deferred(far, TimeSpan.FromMinutes(10)), Token);
        Assert.Equal((Now + TimeSpan.FromMinutes(10), Now), (await NextAsync(MailRoute.Smarthost), await NextAsync(MailRoute.Local)));

        QueueLease local = Assert.Single(await LeaseLocalAsync());
        await Store.SettleAsync(Delivered(local), Token);

        Assert.Null(await NextAsync(MailRoute.Local));
        Assert.Empty(await LeaseLocalAsync());
        Clock.Advance(TimeSpan.FromMinutes(10));
        await Store.SettleAsync(Delivered(await LeaseOneAsync()), Token);
        Assert.Empty(await IdsAsync(QueueSelection.All));
        Assert.Equal(["deferred", "deferred", "delivered", "delivered", "delivered"], (await HistoryAsync(id)).Select(entry => entry.Outcome));
    }

    [Fact]
    public async Task What_an_operator_does_counts_for_both_routes()
    {
        QueueId id = await AcceptAsync(Mixed());
        await Store.ApplyAsync(QueueAction.Hold, QueueSelection.All, Now, Token);
        Assert.Empty(await LeaseLocalAsync());
        Assert.Null(await NextAsync(MailRoute.Local));

        await Store.ApplyAsync(QueueAction.Release, QueueSelection.All, Now, Token);

        Assert.Equal(id, Assert.Single(await LeaseLocalAsync()).Message.Id);
    }

    [Fact]
    public async Task What_is_overdue_is_leased_with_the_recipients_of_both_routes()
    {
        await AcceptAsync(Mixed());
        Clock.Advance(TimeSpan.FromDays(6));

        QueueLease lease = Assert.Single(await Store.LeaseOverdueAsync(Now, 10, s_leaseFor, Token));

        Assert.Equal([0, 1, 2], lease.Due.Select(recipient => recipient.Ordinal));
    }

    [Fact]
    public async Task Mail_for_the_smarthost_is_nothing_to_deliver_here()
    {
        await AcceptAsync(Letter());

        Assert.Null(await NextAsync(MailRoute.Local));
        Assert.Empty(await LeaseLocalAsync());
    }

    private NewMessage Mixed() => Letter() with
    {
        Recipients =
        [
            new Recipient(Box("a@example.com")),
            new Recipient(Box("anna@example.net")) { Local = new LocalDestination(LocalDestinationKind.User, "anna") },
            new Recipient(Box("b@example.com")),
        ],
    };

    private ValueTask<IReadOnlyList<QueueLease>> LeaseLocalAsync() => Store.LeaseDueAsync(MailRoute.Local, Now, 100, s_leaseFor, Token);

    private ValueTask<DateTimeOffset?> NextAsync(MailRoute route) => Store.NextDueAsync(route, Token);
}
