using Microsoft.Extensions.Logging.Abstractions;
using RelayProxy.Harness;
using RelayProxy.Upstream;

namespace RelayProxy.Integration.Upstream;

/// <summary>How many connections there are, which are used again, and which are not.</summary>
public sealed class SmarthostPoolTests : IAsyncDisposable
{
    private readonly TestClock _clock = new();
    private readonly FakeSmarthost _smarthost = new();
    private readonly SmarthostPool _pool;
    private SmarthostOptions _options;

    public SmarthostPoolTests()
    {
        _options = _smarthost.ClientOptions();
        _pool = new SmarthostPool(() => _options, _smarthost.Dialer, _clock, NullLogger.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _smarthost.DisposeAsync();
    }

    [Fact]
    public async Task A_connection_is_used_again_and_knows_it()
    {
        SmarthostConnection first = await AcquireAsync();
        bool before = first.IsReused;
        await first.SendAsync(Outgoing.Message(), CancellationToken.None);
        bool during = first.IsReused;
        await _pool.ReleaseAsync(first);
        SmarthostConnection second = await AcquireAsync();

        Assert.Same(first, second);
        Assert.Equal((false, false, true), (before, during, second.IsReused));
        Assert.Equal(1, _smarthost.Connections);
        await _pool.ReleaseAsync(second);
    }

    [Fact]
    public async Task There_are_never_more_connections_than_allowed_and_who_waits_longest_comes_first()
    {
        SmarthostConnection first = await AcquireAsync();
        SmarthostConnection second = await AcquireAsync();
        Task<SmarthostConnection> third = AcquireAsync();
        Task<SmarthostConnection> fourth = AcquireAsync();
        Assert.False(third.IsCompleted);

        await _pool.ReleaseAsync(first);
        Assert.Same(first, await third);
        Assert.False(fourth.IsCompleted);
        await _pool.ReleaseAsync(second);
        Assert.Same(second, await fourth);
        Assert.Equal(2, _smarthost.MostConnections);
        await _pool.ReleaseAsync(first);
        await _pool.ReleaseAsync(second);
    }

    [Fact]
    public async Task A_wait_can_be_given_up_and_takes_no_place()
    {
        _options.MaxConnections = 1;
        SmarthostConnection only = await AcquireAsync();
        using var giveUp = new CancellationTokenSource();
        ValueTask<(SmarthostConnection?, SessionFailure?)> waiting = _pool.AcquireAsync(giveUp.Token);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);

        await _pool.ReleaseAsync(only);
        Assert.Same(only, await AcquireAsync());
        await _pool.ReleaseAsync(only);
    }

    [Fact]
    public async Task A_failure_takes_no_place()
    {
        _options.MaxConnections = 1;
        _smarthost.OnGreeting = _ => "421 4.3.2 Not now";
        for (int i = 0; i < 3; i++)
        {
            (_, SessionFailure? failure) = await _pool.AcquireAsync(CancellationToken.None);
            Assert.Equal(SessionFault.Away, failure!.Fault);
        }

        _smarthost.OnGreeting = null;
        await _pool.ReleaseAsync(await AcquireAsync());
    }

    [Fact]
    public async Task A_connection_that_is_closed_instead_of_released_gives_its_place_back()
    {
        _options.MaxConnections = 1;
        await (await AcquireAsync()).DisposeAsync();
        SmarthostConnection next = await AcquireAsync();
        await next.DisposeAsync();
        await _pool.ReleaseAsync(next);

        SmarthostConnection last = await AcquireAsync();
        Task<SmarthostConnection> waiting = AcquireAsync();
        Assert.False(waiting.IsCompleted);
        await _pool.ReleaseAsync(last);
        await _pool.ReleaseAsync(await waiting);
    }

    [Fact]
    public async Task C30_A_connection_on_which_the_smarthost_spoke_while_it_was_idle_is_not_used_again()
    {
        bool first = true;
        _smarthost.OnEndOfData = _ =>
        {
            FakeAnswer answer = first ? FakeAnswer.Reply("250 2.0.0 Taken\n421 4.4.2 Idle for too long").ThenHangUp() : "250 2.0.0 Taken";
            first = false;
            return answer;
        };
        SmarthostConnection used = await AcquireAsync();
        TransactionResult result = await used.SendAsync(Outgoing.Message(), CancellationToken.None);
        await _pool.ReleaseAsync(used);
        SmarthostConnection next = await AcquireAsync();

        Assert.True(Assert.Single(result.Verdicts).Reply.IsSuccess);
        Assert.NotSame(used, next);
        Assert.False(next.IsReused);
        Assert.Equal(2, _smarthost.Connections);
        await _pool.ReleaseAsync(next);
    }

    [Fact]
    public async Task A_connection_that_the_smarthost_closed_while_it_was_idle_is_not_used_again()
    {
        SmarthostConnection used = await AcquireAsync();
        await _pool.ReleaseAsync(used);
        _smarthost.HangUpAll();

        // Its end is on its way for a moment; what is sent meanwhile finds out for itself, and goes at once over a fresh one.
        using var safety = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!used.HasUnsolicited())
        {
            await Task.Delay(1, safety.Token);
        }

        SmarthostConnection next = await AcquireAsync();

        Assert.NotSame(used, next);
        await _pool.ReleaseAsync(next);
    }

    [Fact]
    public async Task A_connection_is_retired_after_its_number_of_messages()
    {
        _options.MaxMessagesPerConnection = 2;
        for (int i = 0; i < 4; i++)
        {
            SmarthostConnection connection = await AcquireAsync();
            await connection.SendAsync(Outgoing.Message(), CancellationToken.None);
            await _pool.ReleaseAsync(connection);
        }

        await _smarthost.EndedAsync();
        Assert.Equal([1, 1, 2, 2], _smarthost.Mails.Select(mail => mail.Session));
        Assert.Equal(2, _smarthost.Commands.Count(command => command == "QUIT"));
    }

    [Fact]
    public async Task An_idle_connection_is_closed_with_QUIT_when_its_time_is_up()
    {
        SmarthostConnection first = await AcquireAsync();
        SmarthostConnection second = await AcquireAsync();
        await _pool.ReleaseAsync(first);
        _clock.Advance(TimeSpan.FromSeconds(3));
        await _pool.ReleaseAsync(second);
        _clock.Advance(TimeSpan.FromSeconds(3));
        SmarthostConnection kept = await AcquireAsync();
        await _smarthost.SessionEndedAsync(1);

        Assert.Same(second, kept);
        Assert.Single(_smarthost.Commands, command => command == "QUIT");
        await _pool.ReleaseAsync(kept);
        _clock.Advance(TimeSpan.FromSeconds(5));
        await _smarthost.EndedAsync();
        Assert.Equal(2, _smarthost.Commands.Count(command => command == "QUIT"));
    }

    [Fact]
    public async Task Without_a_time_to_be_idle_no_connection_is_kept()
    {
        _options.IdleClose = TimeSpan.Zero;
        await _pool.ReleaseAsync(await AcquireAsync());
        await _pool.ReleaseAsync(await AcquireAsync());

        Assert.Equal(2, _smarthost.Connections);
    }

    [Fact]
    public async Task Changed_settings_retire_idle_connections_and_those_that_come_back()
    {
        SmarthostConnection idle = await AcquireAsync();
        SmarthostConnection busy = await AcquireAsync();
        await _pool.ReleaseAsync(idle);
        _options = _smarthost.ClientOptions();
        _options.HeloName = "other.test";
        await _pool.ReleaseAsync(busy);
        SmarthostConnection next = await AcquireAsync();

        Assert.NotSame(idle, next);
        Assert.NotSame(busy, next);
        Assert.Equal("EHLO other.test", _smarthost.Commands.Last(command => command.StartsWith("EHLO", StringComparison.Ordinal)));
        await _pool.ReleaseAsync(next);
    }

    [Fact]
    public async Task The_same_settings_read_anew_retire_nothing()
    {
        SmarthostConnection connection = await AcquireAsync();
        await _pool.ReleaseAsync(connection);
        _options = _smarthost.ClientOptions();

        Assert.Same(connection, await AcquireAsync());
        await _pool.ReleaseAsync(connection);
    }

    [Fact]
    public async Task Fewer_connections_allowed_means_fewer_kept()
    {
        SmarthostConnection first = await AcquireAsync();
        SmarthostConnection second = await AcquireAsync();
        _options.MaxConnections = 1;
        await _pool.ReleaseAsync(first);
        await _pool.ReleaseAsync(second);
        SmarthostConnection only = await AcquireAsync();
        Task<SmarthostConnection> waiting = AcquireAsync();

        Assert.False(waiting.IsCompleted);
        await _pool.ReleaseAsync(only);
        await _pool.ReleaseAsync(await waiting);
    }

    [Fact]
    public async Task A_fresh_connection_can_be_asked_for_and_the_idle_ones_go()
    {
        SmarthostConnection idle = await AcquireAsync();
        await _pool.ReleaseAsync(idle);
        (SmarthostConnection? fresh, _) = await _pool.AcquireFreshAsync(CancellationToken.None);

        Assert.NotSame(idle, fresh);
        await _smarthost.SessionEndedAsync(1);
        await _pool.ReleaseAsync(fresh!);
    }

    [Fact]
    public async Task A_lost_connection_is_not_kept()
    {
        _smarthost.OnMail = _ => FakeAnswer.HangUp;
        SmarthostConnection connection = await AcquireAsync();
        TransactionResult result = await connection.SendAsync(Outgoing.Message(), CancellationToken.None);
        await _pool.ReleaseAsync(connection);

        Assert.True(result.ConnectionLost);
        Assert.NotSame(connection, await AcquireAsync());
    }

    [Fact]
    public async Task Idle_connections_are_closed_when_asked_and_at_the_end_nobody_gets_in()
    {
        SmarthostConnection connection = await AcquireAsync();
        await _pool.ReleaseAsync(connection);
        await _pool.CloseIdleAsync();
        await _smarthost.EndedAsync();
        Assert.Equal("QUIT", _smarthost.Commands[^1]);

        SmarthostConnection last = await AcquireAsync();
        await _pool.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(AcquireAsync);
        await _pool.ReleaseAsync(last);
        await _smarthost.EndedAsync();
        Assert.Equal(2, _smarthost.Commands.Count(command => command == "QUIT"));
    }

    private async Task<SmarthostConnection> AcquireAsync()
    {
        (SmarthostConnection? connection, SessionFailure? failure) = await _pool.AcquireAsync(CancellationToken.None);
        Assert.Null(failure);
        return connection!;
    }
}
