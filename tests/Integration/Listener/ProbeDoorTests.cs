using System.Net.Sockets;
using RelayProxy.Harness;
using RelayProxy.Listener;
using RelayProxy.Listener.Probes;
using RelayProxy.Telemetry;

namespace RelayProxy.Integration.Listener;

public sealed class ProbeDoorTests : IAsyncDisposable
{
    private readonly TestClock _clock = new();
    private readonly RecordingLogger _log = new();
    private readonly ProbeDoor _door;

    public ProbeDoorTests()
    {
        _door = new ProbeDoor(
            new TelemetryOptions { Endpoints = ["127.0.0.1:0"] },
            (path, _) => path switch
            {
                "/here" => Task.FromResult<ProbeAnswer?>(new ProbeAnswer(200, "It is grün.\n")),
                "/fault" => throw new InvalidOperationException("ours"),
                _ => Task.FromResult<ProbeAnswer?>(null),
            },
            _clock,
            _log);
        _door.Open();
    }

    public ValueTask DisposeAsync() => _door.DisposeAsync();

    [Fact]
    public async Task An_answer_tells_its_length_and_ends_the_connection()
    {
        const string Head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
        Assert.Equal(Head + "It is grün.\n", await AskAsync("GET /here?x=1 HTTP/1.1\r\nHost: x\r\n\r\n"));
        Assert.Equal(Head, await AskAsync("HEAD /here HTTP/1.1\r\nHost: x\r\n\r\n"));
    }

    [Theory]
    [InlineData("GET /nowhere HTTP/1.1\r\n\r\n", "404 Not Found")]
    [InlineData("POST /here HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "405 Method Not Allowed")]
    [InlineData("EHLO mail.example\r\n\r\n", "400 Bad Request")]
    [InlineData("GET /fault HTTP/1.1\r\n\r\n", "500 Internal Server Error")]
    public async Task What_is_asked_wrongly_is_told(string request, string status) =>
        Assert.StartsWith($"HTTP/1.1 {status}\r\n", await AskAsync(request), StringComparison.Ordinal);

    [Fact]
    public async Task A_request_without_an_end_is_too_large() =>
        Assert.StartsWith("HTTP/1.1 431 ", await AskAsync("GET /here HTTP/1.1\r\nX: " + new string('x', 8192 - 23)), StringComparison.Ordinal);

    [Fact]
    public async Task A_request_that_comes_too_slowly_is_not_waited_for()
    {
        using Socket slow = await HttpQuestion.ConnectAsync(_door.Endpoints[0]);
        await slow.SendAsync("GET /here HT"u8.ToArray());
        await _clock.WaitsForAsync(TimeSpan.FromSeconds(5));

        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("", await HttpQuestion.HearAsync(slow));
    }

    [Fact]
    public async Task Beyond_a_few_nobody_is_let_in_until_one_has_left()
    {
        var inside = new List<Socket>();
        for (int i = 0; i < 16; i++)
        {
            inside.Add(await HttpQuestion.ConnectAsync(_door.Endpoints[0]));
        }

        using (Socket another = await HttpQuestion.ConnectAsync(_door.Endpoints[0]))
        {
            Assert.Equal("", await HttpQuestion.HearAsync(another));
        }

        await inside[0].SendAsync("GET /here HTTP/1.1\r\n\r\n"u8.ToArray());
        Assert.StartsWith("HTTP/1.1 200", await HttpQuestion.HearAsync(inside[0]), StringComparison.Ordinal);
        inside.ForEach(socket => socket.Dispose());

        // The last of them may still be on its way out.
        string answer;
        do
        {
            answer = await AskAsync("GET /here HTTP/1.1\r\n\r\n");
        }
        while (answer.Length == 0);
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_is_taken_is_told_with_who_has_it()
    {
        var second = new ProbeDoor(
            new TelemetryOptions { Endpoints = [_door.Endpoints[0].ToString()!] }, (_, _) => Task.FromResult<ProbeAnswer?>(null), _clock, _log);

        string message = Assert.Throws<ListenerBindException>(second.Open).Message;
        Assert.StartsWith($"Telemetry:Endpoints has {_door.Endpoints[0]}, and listening there failed: ", message, StringComparison.Ordinal);
        Assert.Contains($"(process {Environment.ProcessId})", message, StringComparison.Ordinal);
    }

    private Task<string> AskAsync(string request) => HttpQuestion.AskAsync(_door.Endpoints[0], request);
}
