using RelayProxy.Delivery;
using RelayProxy.Delivery.Reports;
using RelayProxy.Harness;
using RelayProxy.Mail;

namespace RelayProxy.Unit.Delivery.Reports;

public class ReportBudgetTests
{
    private readonly TestClock _clock = new();
    private readonly ReportBudget _budget;

    public ReportBudgetTests() => _budget = new ReportBudget(_clock, () => new DeliveryOptions { MaxReportsPerHour = 3 });

    [Fact]
    public void Each_address_has_its_own_share()
    {
        Assert.Equal(3, Enumerable.Range(0, 10).Count(_ => _budget.TrySpend(new Mailbox("a", "example.net"))));
        Assert.Equal(3, Enumerable.Range(0, 10).Count(_ => _budget.TrySpend(new Mailbox("b", "example.net"))));
        Assert.False(_budget.TrySpend(new Mailbox("a", "EXAMPLE.net")));
    }

    [Fact]
    public void The_share_comes_back_after_an_hour_whatever_the_wall_clock_does()
    {
        Assert.Equal(3, Enumerable.Range(0, 10).Count(_ => _budget.TrySpend(new Mailbox("a", "example.net"))));
        _clock.SetUtcNow(_clock.GetUtcNow().AddYears(1));
        Assert.False(_budget.TrySpend(new Mailbox("a", "example.net")));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.True(_budget.TrySpend(new Mailbox("a", "example.net")));
    }
}
