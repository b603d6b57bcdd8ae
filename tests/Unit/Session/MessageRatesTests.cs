using RelayProxy.Harness;
using RelayProxy.Session;

namespace RelayProxy.Unit.Session;

public class MessageRatesTests
{
    private static readonly SessionPeer s_anna = new("127.0.0.1", 1000, "anna");
    private readonly TestClock _clock = new();
    private readonly MessageRates _rates;

    public MessageRatesTests() => _rates = new MessageRates(_clock);

    [Fact]
    public void So_many_and_then_no_more_until_the_first_is_an_hour_old()
    {
        for (int i = 0; i < 3; i++)
        {
            Assert.Null(_rates.Take(s_anna, limit: 3));
            _clock.Advance(TimeSpan.FromMinutes(10));
        }

        TimeSpan wait = Assert.NotNull(_rates.Take(s_anna, limit: 3));
        Assert.InRange(wait, TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(31));

        _clock.Advance(wait);
        Assert.Null(_rates.Take(s_anna, limit: 3));
        Assert.NotNull(_rates.Take(s_anna, limit: 3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void No_hour_whatever_has_more_than_the_limit_and_who_waits_as_told_is_let_in(int limit)
    {
        var random = new Random(limit);
        var taken = new List<DateTimeOffset>();
        for (int i = 0; i < 3000; i++)
        {
            if (_rates.Take(s_anna, limit) is not { } wait)
            {
                taken.Add(_clock.GetUtcNow());
                Assert.True(taken.Count <= limit || taken[^1] - taken[^(limit + 1)] >= TimeSpan.FromHours(1), $"{taken.Count}");
            }
            else if (random.Next(4) == 0)
            {
                Assert.InRange(wait, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(61));
                _clock.Advance(wait);
                Assert.Null(_rates.Take(s_anna, limit));
                taken.Add(_clock.GetUtcNow());
            }

            _clock.Advance(TimeSpan.FromSeconds(random.Next(120)));
        }

        Assert.True(taken.Count > 2 * limit);
    }

    [Fact]
    public void A_limit_that_is_lowered_counts_what_was_sent_before()
    {
        Assert.Null(_rates.Take(s_anna, limit: 10));
        Assert.Null(_rates.Take(s_anna, limit: 10));

        Assert.NotNull(_rates.Take(s_anna, limit: 1));
        Assert.Null(_rates.Take(s_anna, limit: 3));
    }

    [Fact]
    public void Each_user_has_an_account_of_his_own_wherever_he_comes_in_and_who_has_no_name_one_for_his_address()
    {
        Assert.Null(_rates.Take(s_anna, limit: 1));
        Assert.NotNull(_rates.Take(s_anna with { Address = "IPv6:::1" }, limit: 1));
        Assert.NotNull(_rates.Take(s_anna with { Address = "" }, limit: 1));
        Assert.Null(_rates.Take(new SessionPeer("127.0.0.1", 0, "root"), limit: 1));
        Assert.Null(_rates.Take(new SessionPeer("10.1.2.3"), limit: 1));
        Assert.NotNull(_rates.Take(new SessionPeer("10.1.2.3"), limit: 1));
        Assert.Null(_rates.Take(new SessionPeer("10.1.2.4"), limit: 1));
    }

    [Fact]
    public void Who_hangs_up_before_he_is_looked_at_has_no_account_for_each_of_the_sixteen_million_addresses_of_this_machine()
    {
        Assert.Null(_rates.Take(new SessionPeer("127.0.0.1"), limit: 1));
        Assert.NotNull(_rates.Take(new SessionPeer("127.1.2.3"), limit: 1));
        Assert.NotNull(_rates.Take(new SessionPeer("IPv6:::1"), limit: 1));
    }

    [Fact]
    public void However_many_users_there_are_memory_is_bounded_and_so_is_what_they_send()
    {
        int taken = 0;
        for (uint user = 0; user < 10_000; user++)
        {
            taken += _rates.Take(new SessionPeer("127.0.0.1", user), limit: 5) is null ? 1 : 0;
        }

        Assert.Equal(4096 + 5, taken);
        Assert.Equal(4096 + 1, _rates.Peers);

        // An hour later their places are free.
        _clock.Advance(TimeSpan.FromHours(2));
        Assert.Null(_rates.Take(new SessionPeer("127.0.0.1", 20_000), limit: 5));
        Assert.Equal(1, _rates.Peers);
    }
}
