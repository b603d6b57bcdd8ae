using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace RelayProxy.Harness.Transcripts;

/// <summary>How the octets of both far ends reach the relay.</summary>
internal enum Pace
{
    /// <summary>What is said in a row arrives in one piece.</summary>
    Whole,

    /// <summary>Each octet arrives by itself.</summary>
    ByteByByte,
}

/// <summary>Plays one transcript against a relay, and says at which line the two part.</summary>
internal sealed class TranscriptPlayer : IAsyncDisposable
{
    /// <summary>Real time, and only for a relay that has stopped answering.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly string _file;
    private readonly Pace _pace;
    private readonly StringBuilder _heard = new();
    private readonly List<KeyValuePair<string, string?>> _config = [];
    private readonly CancellationTokenSource _giveUp = new();
    private RelayUnderTest? _relay;
    private IDuplexPipe? _client;
    private IDuplexPipe? _smarthost;

    private TranscriptPlayer(string file, Pace pace)
    {
        _file = file;
        _pace = pace;
    }

    /// <exception cref="TranscriptException">The relay did something else. Names the line, and tells the dialogue so far.</exception>
    public static async Task PlayAsync(string path, Pace pace)
    {
        IReadOnlyList<TranscriptStep> steps = Transcript.Parse(await File.ReadAllLinesAsync(path));
        await using var player = new TranscriptPlayer(Path.GetFileName(path), pace);
        int at = 0;
        try
        {
            for (; at < steps.Count; at++)
            {
                TranscriptStep step = steps[at];
                if (step.Kind is StepKind.ClientSays or StepKind.SmarthostSays)
                {
                    var said = new List<byte>(step.Octets);
                    while (at + 1 < steps.Count && steps[at + 1].Kind == step.Kind)
                    {
                        said.AddRange(steps[++at].Octets);
                    }

                    step = step with { Octets = [.. said] };
                }

                player._giveUp.CancelAfter(s_patience);
                await player.StepAsync(step);
            }

            await player.NothingMoreAsync();
        }
        catch (OperationCanceledException) when (player._giveUp.IsCancellationRequested)
        {
            throw player.Differs(at < steps.Count ? steps[at].Line : 0, "the relay said nothing more");
        }
        catch (TranscriptException difference) when (difference.Line == 0)
        {
            throw player.Differs(at < steps.Count ? steps[at].Line : 0, difference.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _giveUp.CancelAsync();
        if (_relay is not null)
        {
            await _relay.DisposeAsync();
        }

        _giveUp.Dispose();
    }

    private async Task StepAsync(TranscriptStep step)
    {
        if (step.Kind == StepKind.Config)
        {
            int equals = step.Text.IndexOf('=', StringComparison.Ordinal);
            _config.Add(new(step.Text[..equals], step.Text[(equals + 1)..]));
            return;
        }

        _relay ??= await RelayUnderTest.StartAsync(_config);
        switch (step.Kind)
        {
            case StepKind.Wait:
                await _relay.PassAsync(TimeSpan.Parse(step.Text, CultureInfo.InvariantCulture), _giveUp.Token);
                break;

            case StepKind.Smarthost:
                _relay.Smarthost.IsAway = step.Text == "away";
                break;

            case StepKind.Queue:
                await _relay.SettleAsync(_giveUp.Token);
                if (step.Text.Length > 0)
                {
                    Equal(step.Text, (await _relay.CountAsync(_giveUp.Token)).ToString(CultureInfo.InvariantCulture), "messages in the queue");
                }

                break;

            case StepKind.Connect:
                await NothingMoreAsync();
                _client = _relay.Connect();
                break;

            case StepKind.ClientSays:
                await SayAsync(Client().Output, step.Octets, 'C');
                break;

            case StepKind.ClientHangsUp:
                await Client().Output.CompleteAsync();
                break;

            case StepKind.RelayAnswers or StepKind.RelayAnswersLike or StepKind.RelayAnswersUpTo:
                await HearAsync(Client().Input, step, 'S');
                break;

            case StepKind.RelayHangsUp:
                await SilenceAsync(Client().Input, 'S');
                _client = null;
                break;

            case StepKind.SmarthostSays:
                await SayAsync((await SmarthostAsync()).Output, step.Octets, 'U');
                break;

            case StepKind.SmarthostHangsUp:
                await (await SmarthostAsync()).Output.CompleteAsync();
                await _smarthost!.Input.CompleteAsync();
                _smarthost = null;
                break;

            case StepKind.RelaySays or StepKind.RelaySaysLike or StepKind.RelaySaysUpTo:
                await HearAsync((await SmarthostAsync()).Input, step, 'R');
                break;

            case StepKind.RelayLeaves:
                await SilenceAsync((await SmarthostAsync()).Input, 'R');
                await _smarthost!.Output.CompleteAsync();
                _smarthost = null;
                break;

            case StepKind.Config:
                break;
        }
    }

    private IDuplexPipe Client() => _client ??= _relay!.Connect();

    private async Task<IDuplexPipe> SmarthostAsync() => _smarthost ??= await _relay!.Smarthost.AcceptAsync(_giveUp.Token);

    private async Task SayAsync(PipeWriter output, byte[] octets, char who)
    {
        Note(who, octets);
        int stride = _pace == Pace.Whole ? octets.Length : 1;
        for (int i = 0; i < octets.Length; i += stride)
        {
            FlushResult result = await output.WriteAsync(octets.AsMemory(i, Math.Min(stride, octets.Length - i)), _giveUp.Token);
            if (result.IsCompleted)
            {
                // The relay has hung up: what is still to be said goes unheard, as on a real connection.
                return;
            }
        }
    }

    private async Task HearAsync(PipeReader input, TranscriptStep step, char who)
    {
        while (true)
        {
            string? line = await LineAsync(input, who) ?? throw new TranscriptException(0, $"expected \"{step.Text}\", but the relay hung up");
            bool agrees = step.Kind is StepKind.RelayAnswers or StepKind.RelaySays ? line == step.Text : Transcript.IsLike(line, step.Text);
            if (agrees)
            {
                return;
            }

            if (step.Kind is not (StepKind.RelayAnswersUpTo or StepKind.RelaySaysUpTo))
            {
                throw new TranscriptException(0, $"expected \"{step.Text}\", heard \"{line}\"");
            }
        }
    }

    /// <summary>One line, or null at the end. A line must end in CRLF.</summary>
    private async Task<string?> LineAsync(PipeReader input, char who)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync(_giveUp.Token);
            SequencePosition? end = result.Buffer.PositionOf((byte)'\n');
            if (end is { } lineFeed)
            {
                byte[] octets = result.Buffer.Slice(0, result.Buffer.GetPosition(1, lineFeed)).ToArray();
                input.AdvanceTo(result.Buffer.GetPosition(1, lineFeed));
                Note(who, octets);
                if (octets.Length < 2 || octets[^2] != '\r' || octets.AsSpan(0, octets.Length - 2).Contains((byte)'\r'))
                {
                    throw new TranscriptException(0, "a line with a bare CR or LF");
                }

                return Encoding.UTF8.GetString(octets, 0, octets.Length - 2);
            }

            if (result.IsCompleted)
            {
                if (!result.Buffer.IsEmpty)
                {
                    throw new TranscriptException(0, $"a line without its end: {Encoding.UTF8.GetString(result.Buffer)}");
                }

                return null;
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private async Task SilenceAsync(PipeReader input, char who)
    {
        string? line = await LineAsync(input, who);
        if (line is not null)
        {
            throw new TranscriptException(0, $"expected the relay to hang up, heard \"{line}\"");
        }
    }

    /// <summary>A relay that still has something to say at the end has answered more often than it was asked.</summary>
    private async Task NothingMoreAsync()
    {
        if (_client is not null && _client.Input.TryRead(out ReadResult rest))
        {
            string text = Encoding.UTF8.GetString(rest.Buffer);
            _client.Input.AdvanceTo(rest.Buffer.Start);
            if (text.Length > 0)
            {
                throw new TranscriptException(0, $"nothing more was expected, heard \"{text}\"");
            }
        }

        if (_client is not null)
        {
            await _client.Output.CompleteAsync();
        }
    }

    private void Note(char who, ReadOnlySpan<byte> octets)
    {
        if (_heard.Length < 20_000)
        {
            string text = Encoding.UTF8.GetString(octets[..Math.Min(octets.Length, 2000)]);
            _heard.Append("  ").Append(who).Append(' ').AppendLine(text.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));
        }
    }

    private static void Equal(string expected, string heard, string what)
    {
        if (expected != heard)
        {
            throw new TranscriptException(0, $"expected {expected} {what}, found {heard}");
        }
    }

    private TranscriptException Differs(int line, string what) =>
        new(line, $"{_file}:{line} ({_pace}): {what}{Environment.NewLine}{_heard}{_relay?.LogText}");
}

/// <summary>The relay did not say what the transcript says it says.</summary>
internal sealed class TranscriptException(int line, string message) : Exception(message)
{
    public int Line { get; } = line;
}
