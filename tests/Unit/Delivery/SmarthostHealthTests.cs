using System.Globalization;
using RelayProxy.Delivery;
using RelayProxy.Harness;
using RelayProxy.Smtp;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Delivery;

public class SmarthostHealthTests
{
    private static readonly SmtpReply s_reply = new(421, 4, 4, "away");
    private readonly TestClock _clock = new();
    private readonly SmarthostOptions _options = new() { MaxConnections = 8 };
    private readonly SmarthostHealth _health;

    public SmarthostHealthTests() => _health = new SmarthostHealth(_clock, () => _options, () => 0);

    [Fact]
    public void One_connection_goes_first_and_the_others_follow_when_it_was_heard()
    {
        Assert.True(_health.TryEnter(out Passage first));
        Assert.False(_health.TryEnter(out _));

        Assert.True(_health.Heard(first));

        Assert.Equal(7, EnterAll());
        Assert.False(_health.Heard(first));     // nothing new
    }

    [Fact]
    public void After_a_mere_silence_a_session_is_enough_and_after_a_trouble_it_is_not()
    {
        Assert.True(_health.TryEnter(out Passage first));
        Assert.True(_health.Met(first));
        Assert.Equal(7, EnterAll());

        _health.Failed(first, RestReason.Away, s_reply);
        LeaveAll();
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True(_health.TryEnter(out Passage probe));
        Assert.False(_health.Met(probe));
        Assert.Equal(0, EnterAll());
    }

    [Fact]
    public void After_a_trouble_each_message_heard_lets_one_more_connection_in()
    {
        FailAndWait(RestReason.Away, times: 3);
        Assert.True(_health.TryEnter(out Passage probe));
        Assert.Equal(0, EnterAll());

        for (int places = 2; places <= 8; places++)
        {
            Assert.True(_health.Heard(probe));
            Assert.Equal(1, EnterAll());
            Assert.Equal(places, _health.Active);
        }

        Assert.False(_health.Heard(probe));
        Assert.Equal(0, EnterAll());
    }

    [Fact]
    public void Trouble_in_the_middle_of_opening_begins_it_anew()
    {
        FailAndWait(RestReason.Away, times: 1);
        Assert.True(_health.TryEnter(out Passage probe));
        _health.Heard(probe);
        _health.Heard(probe);
        _health.Failed(probe, RestReason.Away, s_reply);
        LeaveAll();
        _clock.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(1, EnterAll());
    }

    [Fact]
    public void C32_While_it_rests_nobody_enters_and_then_one()
    {
        Assert.True(_health.TryEnter(out Passage passage));
        Assert.NotNull(_health.Failed(passage, RestReason.Away, s_reply));
        _health.Leave();

        Assert.Equal(0, EnterAll());
        _clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(0, EnterAll());
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(1, EnterAll());
    }

    [Theory]
    [InlineData("Away", "00:00:10 00:00:20 00:00:40 00:01:20 00:02:40 00:05:00 00:05:00")]
    [InlineData("AccountBusy", "00:00:30 00:01:00 00:02:00 00:04:00 00:08:00 00:15:00")]
    [InlineData("AuthRefused", "00:01:00 00:05:00 00:15:00 01:00:00 01:00:00")]
    [InlineData("Untrusted", "00:01:00 00:05:00 00:15:00 01:00:00 01:00:00")]
    [InlineData("Misconfigured", "00:01:00 00:05:00 00:15:00 01:00:00 01:00:00")]
    [InlineData("QuotaReached", "01:00:00 02:00:00 04:00:00 04:00:00")]
    [InlineData("Throttled", "00:00:05 00:00:10 00:00:20 00:00:40 00:01:20 00:02:40 00:05:20 00:10:00 00:10:00")]
    public void C19_Pauses_grow_from_probe_to_probe(string reason, string pauses)
    {
        foreach (string pause in pauses.Split(' '))
        {
            Assert.True(_health.TryEnter(out Passage passage));
            Rest? rest = _health.Failed(passage, Enum.Parse<RestReason>(reason), s_reply);
            _health.Leave();

            Assert.Equal(TimeSpan.Parse(pause, CultureInfo.InvariantCulture), rest!.Value.Pause);
            _clock.Advance(rest.Value.Pause);
        }
    }

    [Fact]
    public void Success_ends_the_trouble_and_the_count()
    {
        Rest second = FailAndWait(RestReason.AuthRefused, times: 2);
        Assert.True(_health.TryEnter(out Passage passage));
        Assert.True(_health.Heard(passage));
        Assert.Null(_health.Trouble);
        _health.Failed(passage, RestReason.AuthRefused, s_reply);

        Assert.Equal(2, second.Times);
        Assert.Equal(TimeSpan.FromMinutes(1), _health.Resting!.Value.Left);
    }

    [Fact]
    public void Connections_that_fail_together_count_once()
    {
        Prove();
        Assert.True(_health.TryEnter(out Passage one));
        Assert.True(_health.TryEnter(out Passage two));

        Assert.NotNull(_health.Failed(one, RestReason.AuthRefused, s_reply));
        Assert.Null(_health.Failed(two, RestReason.AuthRefused, s_reply));
        Assert.Equal(TimeSpan.FromMinutes(1), _health.Resting!.Value.Left);
    }

    [Fact]
    public void What_was_begun_before_a_rest_does_not_end_it()
    {
        Prove();
        Assert.True(_health.TryEnter(out Passage one));
        Assert.True(_health.TryEnter(out Passage two));
        _health.Failed(one, RestReason.Away, s_reply);

        Assert.False(_health.Heard(two));
        Assert.False(_health.MayGoOn(ref two));
        Assert.NotNull(_health.Resting);
    }

    [Fact]
    public void A_person_ends_the_rest_but_not_the_count()
    {
        FailAndWait(RestReason.AuthRefused, times: 2);
        Assert.True(_health.TryEnter(out Passage passage));
        _health.Failed(passage, RestReason.AuthRefused, s_reply);
        _health.Leave();

        _health.EndRest();

        Assert.Null(_health.Resting);
        Assert.Equal(RestReason.AuthRefused, _health.Trouble);
        Assert.True(_health.TryEnter(out passage));
        Assert.False(_health.TryEnter(out _));
        Assert.Equal(TimeSpan.FromHours(1), _health.Failed(passage, RestReason.AuthRefused, s_reply)!.Value.Pause);
    }

    [Fact]
    public void A_throttle_halves_the_connections_and_deliveries_bring_them_back_one_by_one()
    {
        Prove();
        Assert.Equal(7, EnterAll());
        LeaveAll();
        Throttle();
        Assert.Equal(4, PlacesAfterAProbe());
        Throttle();
        Assert.Equal(2, PlacesAfterAProbe());

        Deliver(2 * 20);
        Assert.Equal(3, PlacesAfterAProbe());
        Deliver(20 * (3 + 4 + 5 + 6 + 7));
        Assert.Equal(8, PlacesAfterAProbe());
    }

    [Fact]
    public void A_smarthost_that_throttles_every_minute_is_not_left_alone_longer_each_time()
    {
        for (int i = 0; i < 10; i++)
        {
            Assert.True(_health.TryEnter(out Passage passage));
            Rest rest = _health.Failed(passage, RestReason.Throttled, s_reply)!.Value;
            _health.Leave();
            _clock.Advance(rest.Pause);
            Assert.Equal(TimeSpan.FromSeconds(5), rest.Pause);
            Deliver(5);
        }
    }

    [Fact]
    public void An_unlimited_smarthost_that_throttles_all_the_same_rests_but_keeps_its_connections()
    {
        _options.Provider = "Unlimited";
        Prove();
        LeaveAll();
        Throttle();

        Assert.Equal(8, PlacesAfterAProbe());
    }

    [Fact]
    public void Three_connections_lost_in_a_row_are_the_smarthosts_trouble()
    {
        Prove();
        Assert.True(_health.TryEnter(out Passage passage));
        Assert.Null(_health.Lost(passage, s_reply));
        Assert.Null(_health.Lost(passage, s_reply));
        _health.Heard(passage);
        Assert.Null(_health.Lost(passage, s_reply));
        Assert.Null(_health.Lost(passage, s_reply));

        Assert.Equal(RestReason.Away, _health.Lost(passage, s_reply)!.Value.Reason);
    }

    [Fact]
    public void After_a_long_silence_one_connection_goes_first_again()
    {
        Prove();
        LeaveAll();
        _clock.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal(1, EnterAll());
    }

    [Theory]
    [InlineData(-3650)]
    [InlineData(3650)]
    public void A_step_of_the_wall_clock_neither_ends_nor_prolongs_a_rest(int days)
    {
        Assert.True(_health.TryEnter(out Passage passage));
        _health.Failed(passage, RestReason.Away, s_reply);

        _clock.SetUtcNow(_clock.GetUtcNow().AddDays(days));

        Assert.Equal(TimeSpan.FromSeconds(10), _health.Resting!.Value.Left);
    }

    [Fact]
    public void Settings_that_change_apply_to_who_enters_next()
    {
        Prove();
        _options.MaxConnections = 3;
        Assert.Equal(2, EnterAll());

        _options.MaxConnections = 1;
        var passage = default(Passage);
        Assert.False(_health.MayGoOn(ref passage));
    }

    private void Prove()
    {
        Assert.True(_health.TryEnter(out Passage passage));
        _health.Heard(passage);
    }

    private int EnterAll()
    {
        int entered = 0;
        while (_health.TryEnter(out _))
        {
            entered++;
        }

        return entered;
    }

    private void LeaveAll()
    {
        while (_health.Active > 0)
        {
            _health.Leave();
        }
    }

    private Rest FailAndWait(RestReason reason, int times)
    {
        Rest? rest = null;
        for (int i = 0; i < times; i++)
        {
            Assert.True(_health.TryEnter(out Passage passage));
            rest = _health.Failed(passage, reason, s_reply);
            _health.Leave();
            _clock.Advance(rest!.Value.Pause);
        }

        return rest!.Value;
    }

    private void Throttle() => FailAndWait(RestReason.Throttled, times: 1);

    private void Deliver(int messages)
    {
        Assert.True(_health.TryEnter(out Passage passage));
        for (int i = 0; i < messages; i++)
        {
            _health.Heard(passage);
        }

        _health.Leave();
    }

    private int PlacesAfterAProbe()
    {
        LeaveAll();
        Assert.True(_health.TryEnter(out Passage passage));
        while (_health.Heard(passage))
        {
            // Until hearing more opens no more.
        }

        int places = 1 + EnterAll();
        LeaveAll();
        return places;
    }
}
