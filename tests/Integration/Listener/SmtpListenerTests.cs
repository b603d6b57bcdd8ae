using System.Net;
using System.Net.Sockets;
using RelayProxy.Harness;
using RelayProxy.Listener;

namespace RelayProxy.Integration.Listener;

/// <summary>The door, with real sockets.</summary>
public class SmtpListenerTests
{
    private const string Message = "MAIL FROM:<>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n";
    private static readonly TimeSpan s_ample = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::1]:0")]
    public async Task A_message_comes_in_over_loopback(string endpoint)
    {
        await using ListenerUnderTest listener = await ListenerUnderTest.StartAsync(endpoint);
        using DoorClient client = await DoorClient.ConnectAsync(listener.Endpoint);

        await client.SayAsync("EHLO web1\r\n" + Message);
        await client.SayAsync("Subject: x\r\n\r\nbody\r\n.\r\nQUIT\r\n");
        string dialogue = await client.HearAllAsync();

        Assert.StartsWith("220 relay.test ESMTP\r\n", dialogue, StringComparison.Ordinal);
        Assert.EndsWith($"250 2.0.0 Queued as {Assert.Single(listener.Store.Messages).Id}\r\n221 2.0.0 Goodbye\r\n", dialogue, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_endpoints_are_open_at_once()
    {
        await using var listener = new ListenerUnderTest(new ListenerOptions { Endpoints = ["127.0.0.1:0, [::1]:0", "127.0.0.1:0"] });
        await listener.StartAsync();

        Assert.Equal(3, listener.Endpoints.Distinct().Count());
        foreach (EndPoint endpoint in listener.Endpoints)
        {
            using DoorClient client = await DoorClient.ConnectAsync(endpoint);
            Assert.Equal("220 relay.test ESMTP", await client.HearAsync());
        }
    }

    [Fact]
    public async Task S33_Beyond_the_bound_a_client_is_told_and_let_go_and_there_is_room_again_when_another_leaves()
    {
        await using var listener = new ListenerUnderTest(new ListenerOptions { Endpoints = ["127.0.0.1:0"], MaxConnections = 500, MaxConnectionsPerPeer = 500 });
        await listener.StartAsync();
        var inside = new List<DoorClient>();
        for (int i = 0; i < 500; i++)
        {
            inside.Add(await DoorClient.ConnectAsync(listener.Endpoint));
            Assert.Equal("220 relay.test ESMTP", await inside[^1].HearAsync());
        }

        for (int i = 0; i < 200; i++)
        {
            using DoorClient outside = await DoorClient.ConnectAsync(listener.Endpoint);
            Assert.Equal("421 4.7.0 Too many connections: try again later\r\n", await outside.HearAllAsync());
        }

        Assert.Equal("250 2.0.0 Ok", await inside[0].AskAsync("NOOP"));
        Assert.Equal("221 2.0.0 Goodbye", await inside[0].AskAsync("QUIT"));
        Assert.Null(await inside[0].HearAsync());
        await UntilAsync(async () =>
        {
            using DoorClient next = await DoorClient.ConnectAsync(listener.Endpoint);
            return await next.HearAsync() == "220 relay.test ESMTP";
        });
        inside.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Clients_that_tear_the_connection_away_leave_nothing_behind()
    {
        await using var listener = new ListenerUnderTest(new ListenerOptions { Endpoints = ["127.0.0.1:0"], MaxConnections = 10 });
        await listener.StartAsync();

        for (int i = 0; i < 100; i++)
        {
            DoorClient client = await DoorClient.ConnectAsync(listener.Endpoint);
            await client.SayAsync(i % 2 == 0 ? "EHLO x\r\n" + Message + "half a message" : "");
            client.Reset();
        }

        await UntilAsync(() => Task.FromResult(listener.Connections == 0));
        Assert.Empty(listener.Store.Messages);
        Assert.Equal(0, listener.Store.Open);
    }

    [Fact]
    public async Task A_client_that_has_closed_its_sending_side_still_gets_its_reply()
    {
        await using ListenerUnderTest listener = await ListenerUnderTest.StartAsync();
        using DoorClient client = await DoorClient.ConnectAsync(listener.Endpoint);

        await client.SayAsync("EHLO web1\r\n" + Message + "body\r\n.\r\n");
        client.Shutdown();

        Assert.EndsWith($"250 2.0.0 Queued as {await IdOfOnlyMessageAsync(listener)}\r\n", await client.HearAllAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_is_told_to_go_gets_to_read_it()
    {
        await using ListenerUnderTest listener = await ListenerUnderTest.StartAsync();
        using DoorClient client = await DoorClient.ConnectAsync(listener.Endpoint);

        await client.SayAsync("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nMAIL FROM:<evil@example.net>\r\n");

        Assert.Equal("220 relay.test ESMTP\r\n421 4.7.0 This is an SMTP server: closing\r\n", await client.HearAllAsync());
    }

    [Fact]
    public async Task S32_Stopping_tells_the_idle_and_waits_for_a_message_under_way()
    {
        await using ListenerUnderTest listener = await ListenerUnderTest.StartAsync();
        using DoorClient idle = await DoorClient.ConnectAsync(listener.Endpoint);
        using DoorClient busy = await DoorClient.ConnectAsync(listener.Endpoint);
        await idle.HearAsync();
        await busy.SayAsync("HELO web1\r\n" + Message);
        await SkipToAsync(busy, "354");

        Task stopped = listener.StopAsync(s_ample);
        Assert.Equal("421 4.3.2 The relay is stopping: closing\r\n", await idle.HearAllAsync());
        Assert.False(stopped.IsCompleted);
        await Assert.ThrowsAsync<SocketException>(() => DoorClient.ConnectAsync(listener.Endpoint));

        await busy.SayAsync("body\r\n.\r\n");
        Assert.StartsWith("250 2.0.0 Queued as ", await busy.HearAsync(), StringComparison.Ordinal);
        Assert.Equal("421 4.3.2 The relay is stopping: closing\r\n", await busy.HearAllAsync());
        await stopped;
    }

    [Fact]
    public async Task S32_The_grace_has_an_end()
    {
        await using ListenerUnderTest listener = await ListenerUnderTest.StartAsync();
        using DoorClient busy = await DoorClient.ConnectAsync(listener.Endpoint);
        await busy.SayAsync("HELO web1\r\n" + Message);
        await SkipToAsync(busy, "354");
        await busy.SayAsync("half");

        await listener.StopAsync(TimeSpan.FromMilliseconds(50));

        Assert.Equal("421 4.3.2 The relay is stopping: closing\r\n", await busy.HearAllAsync());
        Assert.Empty(listener.Store.Messages);
    }

    [Fact]
    public async Task What_is_not_loopback_is_not_opened_by_mistake()
    {
        await using var listener = new ListenerUnderTest(new ListenerOptions { Endpoints = ["0.0.0.0:0"] });

        ListenerBindException problem = await Assert.ThrowsAsync<ListenerBindException>(listener.StartAsync);

        Assert.Contains("\"0.0.0.0:0\", which is not loopback", problem.Message, StringComparison.Ordinal);
        Assert.Empty(listener.Endpoints);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_with_the_program_that_has_it()
    {
        await using ListenerUnderTest first = await ListenerUnderTest.StartAsync();
        await using var second = new ListenerUnderTest(new ListenerOptions { Endpoints = ["127.0.0.1:0", first.Endpoint.ToString()!] });

        ListenerBindException problem = await Assert.ThrowsAsync<ListenerBindException>(second.StartAsync);

        Assert.StartsWith($"Listener:Endpoints has {first.Endpoint}, and the port is taken: ", problem.Message, StringComparison.Ordinal);
        Assert.Contains($"(process {Environment.ProcessId}) listens there; stop it, or use another port", problem.Message, StringComparison.Ordinal);
        Assert.Empty(second.Endpoints);
    }

    private static async Task SkipToAsync(DoorClient client, string code)
    {
        while (await client.HearAsync() is { } line)
        {
            if (line.StartsWith(code, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"the relay hung up before it said {code}");
    }

    private static async Task<string> IdOfOnlyMessageAsync(ListenerUnderTest listener)
    {
        await UntilAsync(() => Task.FromResult(listener.Store.Messages.Count > 0));
        return Assert.Single(listener.Store.Messages).Id.ToString();
    }

    /// <summary>Waits for what another thread is about to do.</summary>
    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var safety = new CancellationTokenSource(s_ample);
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), safety.Token);
        }
    }
}
