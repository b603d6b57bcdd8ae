using System.Net;
using System.Net.Sockets;
using RelayProxy.Harness;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Upstream;

public class TcpDialerTests
{
    private static readonly IPAddress s_six = IPAddress.Parse("2001:db8::1"), s_four = IPAddress.Parse("192.0.2.1");
    private readonly TestClock _clock = new();
    private readonly List<IPEndPoint> _tried = [];

    [Fact]
    public void C33_Addresses_are_tried_in_both_families_in_turn_IPv6_first()
    {
        IPAddress[] resolved = [.. new[] { "192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2", "192.0.2.1" }.Select(IPAddress.Parse)];

        Assert.Equal(
            ["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "192.0.2.3"],
            HappyEyeballs.Order(resolved).Select(address => address.ToString()));
    }

    [Fact]
    public async Task C33_An_address_that_refuses_is_followed_by_the_next_at_once()
    {
        TcpDialer dialer = Dialer([s_six, s_four], (place, _) => place.Address.Equals(s_six) ? Refused() : Opened());
        DialedStream dialed = await DialAsync(dialer);

        Assert.Equal(new IPEndPoint(s_four, 465), dialed.RemoteAddress);
    }

    [Fact]
    public async Task C33_An_address_that_swallows_packets_costs_a_quarter_of_a_second()
    {
        var givenUp = new TaskCompletionSource();
        TcpDialer dialer = Dialer([s_six, s_four], (place, token) => place.Address.Equals(s_six) ? Swallowed(givenUp, token) : Opened());
        ValueTask<DialedStream> dial = DialAsync(dialer);
        await _clock.WaitsForAsync(TimeSpan.FromMilliseconds(250));
        Assert.Single(_tried);
        _clock.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Equal(s_four, (await dial).RemoteAddress!.Address);
        await givenUp.Task;
    }

    [Fact]
    public async Task C33_The_one_that_answers_first_is_taken_even_if_it_was_tried_first_and_slowly()
    {
        var answer = new TaskCompletionSource<Stream>();
        var givenUp = new TaskCompletionSource();
        TcpDialer dialer = Dialer([s_six, s_four], (place, token) => place.Address.Equals(s_six) ? answer.Task : Swallowed(givenUp, token));
        ValueTask<DialedStream> dial = DialAsync(dialer);
        await _clock.WaitsForAsync(TimeSpan.FromMilliseconds(250));
        _clock.Advance(TimeSpan.FromMilliseconds(250));
        answer.SetResult(new MemoryStream());

        Assert.Equal(s_six, (await dial).RemoteAddress!.Address);
        await givenUp.Task;
    }

    [Fact]
    public async Task C33_If_none_answers_the_message_says_of_each_why()
    {
        TcpDialer dialer = Dialer([s_six, s_four], (place, token) => place.Address.Equals(s_six) ? Refused() : Swallowed(new(), token));
        ValueTask<DialedStream> dial = DialAsync(dialer);
        await _clock.WaitsForAsync(TimeSpan.FromSeconds(30));
        _clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(2, _tried.Count);
        IOException failure = await Assert.ThrowsAsync<IOException>(async () => await dial);
        Assert.Equal("connect to smarthost.test:465: [2001:db8::1]: Connection refused; 192.0.2.1: no answer within 30 s", failure.Message);
    }

    [Fact]
    public async Task C33_Of_very_many_addresses_only_the_first_are_told_of_and_all_are_tried()
    {
        IPAddress[] addresses = [.. Enumerable.Range(1, 200).Select(last => IPAddress.Parse($"192.0.2.{last}"))];
        IOException failure = await Assert.ThrowsAsync<IOException>(async () => await DialAsync(Dialer(addresses, (_, _) => Refused())));

        Assert.Equal(200, _tried.Count);
        Assert.StartsWith("connect to smarthost.test:465: 192.0.2.1: Connection refused; 192.0.2.2: Connection refused; ", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("192.0.2.8: Connection refused; and 192 more", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task C33_The_name_is_looked_up_anew_for_each_connection()
    {
        var answers = new Queue<IPAddress>([s_six, s_four]);
        var dialer = new TcpDialer(_clock, () => [])
        {
            Resolve = (_, _) => Task.FromResult<IPAddress[]>([answers.Dequeue()]), Connect = (_, _) => Opened(),
        };

        Assert.Equal(s_six, (await DialAsync(dialer)).RemoteAddress!.Address);
        Assert.Equal(s_four, (await DialAsync(dialer)).RemoteAddress!.Address);
    }

    [Fact]
    public async Task C34_A_resolver_that_does_not_answer_is_not_waited_for_longer_than_a_connection()
    {
        var dialer = new TcpDialer(_clock, () => []) { Resolve = (_, _) => new TaskCompletionSource<IPAddress[]>().Task };
        ValueTask<DialedStream> dial = DialAsync(dialer);
        await _clock.WaitsForAsync(TimeSpan.FromSeconds(30));
        _clock.Advance(TimeSpan.FromSeconds(30));

        SocketException failure = await Assert.ThrowsAsync<SocketException>(async () => await dial);
        Assert.Equal(SocketError.TryAgain, failure.SocketErrorCode);
    }

    [Fact]
    public async Task C34_What_a_resolver_says_too_late_is_no_fault_of_ours() =>
        Assert.Empty(await UnseenFaults.OfAsync("said too late", async () =>
        {
            var lookup = new TaskCompletionSource<IPAddress[]>();
            var dialer = new TcpDialer(_clock, () => []) { Resolve = (_, _) => lookup.Task };
            ValueTask<DialedStream> dial = DialAsync(dialer);
            await _clock.WaitsForAsync(TimeSpan.FromSeconds(30));
            _clock.Advance(TimeSpan.FromSeconds(30));
            await Assert.ThrowsAsync<SocketException>(async () => await dial);
            lookup.SetException(new IOException("said too late"));
        }));

    [Fact]
    public async Task C34_A_name_without_addresses_is_not_found()
    {
        SocketException failure = await Assert.ThrowsAsync<SocketException>(async () => await DialAsync(Dialer([], (_, _) => Opened())));

        Assert.Equal(SocketError.HostNotFound, failure.SocketErrorCode);
    }

    [Theory]
    [InlineData("127.0.0.1:25", "127.0.0.1:25", true)]
    [InlineData("[::ffff:127.0.0.1]:25", "127.0.0.1:25", true)]
    [InlineData("127.0.0.1:465", "127.0.0.1:25", false)]
    [InlineData("127.0.0.2:25", "127.0.0.1:25", false)]
    [InlineData("[::1]:25", "127.0.0.1:25", false)]
    [InlineData("127.0.0.9:25", "0.0.0.0:25", true)]
    [InlineData("[::1]:25", "[::]:25", true)]
    [InlineData("192.0.2.1:25", "0.0.0.0:25", false)]
    [InlineData("0.0.0.0:25", "127.0.0.1:25", true)]
    public void C47_Our_own_listener_is_known_however_it_is_written(string place, string listener, bool own) =>
        Assert.Equal(own, TcpDialer.IsOwn(IPEndPoint.Parse(place), [IPEndPoint.Parse(listener)]));

    [Fact]
    public async Task C47_A_smarthost_that_is_only_we_ourselves_is_refused_and_not_dialled()
    {
        var dialer = new TcpDialer(_clock, () => [new IPEndPoint(IPAddress.Loopback, 465), new IPEndPoint(IPAddress.IPv6Loopback, 465)])
        {
            Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.IPv6Loopback, IPAddress.Loopback]), Connect = Connect((_, _) => Opened()),
        };

        await Assert.ThrowsAsync<OwnListenerException>(async () => await DialAsync(dialer));
        Assert.Empty(_tried);
    }

    [Fact]
    public async Task A_real_connection_is_made_and_a_closed_port_says_that_it_refused()
    {
        var dialer = new TcpDialer(TimeProvider.System, () => []);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        DialedStream dialed = await dialer.DialAsync("localhost", port, TimeSpan.FromSeconds(30), CancellationToken.None);
        await dialed.Stream.DisposeAsync();
        listener.Stop();
        IOException failure = await Assert.ThrowsAsync<IOException>(
            async () => await dialer.DialAsync("127.0.0.1", port, TimeSpan.FromSeconds(30), CancellationToken.None));

        Assert.Equal(port, dialed.RemoteAddress!.Port);
        Assert.Equal($"connect to 127.0.0.1:{port}: 127.0.0.1: Connection refused", failure.Message);
    }

    [Fact]
    public async Task A_dial_can_be_given_up()
    {
        using var giveUp = new CancellationTokenSource();
        var givenUp = new TaskCompletionSource();
        TcpDialer dialer = Dialer([s_six], (_, token) => Swallowed(givenUp, token));
        ValueTask<DialedStream> dial = dialer.DialAsync("smarthost.test", 465, TimeSpan.FromSeconds(30), giveUp.Token);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await dial);
        await givenUp.Task;
    }

    private static Task<Stream> Opened() => Task.FromResult<Stream>(new MemoryStream());

    private static Task<Stream> Refused() => Task.FromException<Stream>(new SocketException((int)SocketError.ConnectionRefused));

    private static async Task<Stream> Swallowed(TaskCompletionSource givenUp, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return Stream.Null;
        }
        finally
        {
            givenUp.TrySetResult();
        }
    }

    private static ValueTask<DialedStream> DialAsync(TcpDialer dialer) =>
        dialer.DialAsync("smarthost.test", 465, TimeSpan.FromSeconds(30), CancellationToken.None);

    private TcpDialer Dialer(IPAddress[] addresses, Func<IPEndPoint, CancellationToken, Task<Stream>> connect) => new(_clock, () => [])
    {
        Resolve = (_, _) => Task.FromResult(addresses), Connect = Connect(connect),
    };

    private Func<IPEndPoint, CancellationToken, Task<Stream>> Connect(Func<IPEndPoint, CancellationToken, Task<Stream>> connect) => (place, token) =>
    {
        _tried.Add(place);
        return connect(place, token);
    };
}
