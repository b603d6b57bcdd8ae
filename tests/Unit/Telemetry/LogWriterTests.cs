using System.Text;
using RelayProxy.Telemetry;

namespace RelayProxy.Unit.Telemetry;

public class LogWriterTests
{
    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(30);

    [Fact]
    public void What_was_written_has_left_when_the_log_is_closed()
    {
        var output = new MemoryStream();
        using (var writer = new LogWriter(output))
        {
            for (int i = 0; i < 1000; i++)
            {
                writer.Write(Encoding.ASCII.GetBytes($"line {i}\n"));
            }
        }

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"line {i}"), Lines(output));
    }

    [Fact]
    public async Task Lines_of_many_threads_stay_whole()
    {
        var output = new MemoryStream();
        using (var writer = new LogWriter(output))
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
            {
                for (int i = 0; i < 500; i++)
                {
                    writer.Write(Encoding.ASCII.GetBytes($"{thread} {i}\n"));
                }
            })));
        }

        Assert.Equal(
            Enumerable.Range(0, 8).SelectMany(thread => Enumerable.Range(0, 500).Select(i => $"{thread} {i}")).Order(),
            Lines(output).Order());
    }

    [Fact]
    public void A_reader_that_hangs_costs_lines_and_not_the_relay_and_the_loss_is_told_when_it_reads_again()
    {
        var output = new HangingStream();
        using (var writer = new LogWriter(output, mostPending: 20, patience: TimeSpan.Zero))
        {
            writer.Write("first\n"u8);
            Assert.True(output.Reached.Wait(s_safety, TestContext.Current.CancellationToken));
            writer.Write("second\n"u8);
            writer.Write("third, which does not fit\n"u8);
            writer.Write("fourth, nor does this\n"u8);
            Assert.False(writer.Flush(TimeSpan.Zero));

            output.Go.Set();
            Assert.True(writer.Flush(s_safety));
            writer.Write("fifth\n"u8);
        }

        Assert.Equal(["first", "second", "relayproxy: 2 log lines were lost while nobody read the log", "fifth"], Lines(output.Written).Order(new ByArrival()));
    }

    [Fact]
    public void A_line_larger_than_the_buffer_still_gets_through()
    {
        var output = new MemoryStream();
        using (var writer = new LogWriter(output, mostPending: 10))
        {
            writer.Write("a line that is too long for it\n"u8);
        }

        Assert.Equal(["a line that is too long for it"], Lines(output));
    }

    [Fact]
    public void A_reader_that_has_gone_away_harms_nobody()
    {
        var output = new MemoryStream();
        output.Dispose();
        using var writer = new LogWriter(output);

        writer.Write("into the void\n"u8);

        Assert.True(writer.Flush(s_safety));
    }

    private static string[] Lines(MemoryStream output) =>
        Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Where the loss is told (before or after the line that was kept) is of no account.</summary>
    private sealed class ByArrival : IComparer<string>
    {
        private static readonly string[] s_order = ["first", "second", "relayproxy", "fifth"];

        public int Compare(string? x, string? y) => Index(x!).CompareTo(Index(y!));

        private static int Index(string line) => Array.FindIndex(s_order, start => line.StartsWith(start, StringComparison.Ordinal));
    }

    private sealed class HangingStream : MemoryStream
    {
        public ManualResetEventSlim Reached { get; } = new();

        public ManualResetEventSlim Go { get; } = new();

        public MemoryStream Written => this;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Reached.Set();
            Go.Wait(s_safety);
            base.Write(buffer);
        }
    }
}
