using System.Globalization;
using System.Net;
using RelayProxy.Commands.Demo;

namespace RelayProxy.Integration;

/// <summary>The demonstration that stays; the one that ends by itself is in <c>Transcripts/Commands/demo.cli</c>.</summary>
public sealed class DemoTests : IDisposable
{
    private readonly WatchedWriter _output = new();

    [Fact]
    public async Task It_shows_each_arrival_until_it_is_ended_and_leaves_nothing_behind()
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<int> run = Demo().RunAsync(once: false, ending.Token);
        string line = await _output.WaitForAsync("swaks --server 127.0.0.1:");
        int port = int.Parse(line.Split(':')[1].Split(' ')[0], CultureInfo.InvariantCulture);

        await new DemoClient().SendAsync(new IPEndPoint(IPAddress.Loopback, port), "a@example.org", "b@example.net", "Subject: one more\r\n\r\n", ending.Token);
        await _output.WaitForAsync("Arrived: from <a@example.org> to <b@example.net>");
        await ending.CancelAsync();

        Assert.Equal(0, await run);
        string queue = (await _output.WaitForAsync("The queue is in ")).Split(" in ")[1];
        Assert.StartsWith(Path.GetTempPath(), queue, StringComparison.Ordinal);
        Assert.False(Path.Exists(Path.GetDirectoryName(queue)));
    }

    public void Dispose() => _output.Dispose();

    private Demonstration Demo(params string[] arguments) => new(new DemoScreen(_output, colour: false), TimeProvider.System, arguments);

    /// <summary>A screen that can be waited for.</summary>
    private sealed class WatchedWriter : StringWriter
    {
        private readonly Lock _gate = new();
        private readonly List<(string Text, TaskCompletionSource<string> Shown)> _awaited = [];

        public override void Write(string? value)
        {
            lock (_gate)
            {
                base.Write(value);
                _awaited.FindAll(awaited => Find(awaited.Text) is not null).ForEach(awaited => awaited.Shown.TrySetResult(Find(awaited.Text)!));
            }
        }

        /// <summary>Waits for a line with this text.</summary>
        public Task<string> WaitForAsync(string text)
        {
            lock (_gate)
            {
                var shown = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
                _awaited.Add((text, shown));
                Write("");
                return shown.Task.WaitAsync(TimeSpan.FromSeconds(60));
            }
        }

        private string? Find(string text) => ToString().Split('\n').FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal));
    }
}
