using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using RelayProxy.Smtp;

namespace RelayProxy.Commands.Demo;

/// <summary>One conversation of the stand-in smarthost: what a provider's submission service does, without the provider.</summary>
internal sealed partial class DemoSmarthostSession(
    DemoSmarthost smarthost, DemoSmarthostOptions options, TimeProvider clock, Action<DemoArrival> arrived, PipeReader input, PipeWriter output)
{
    /// <summary>RFC 4954 §4: a line of an AUTH exchange.</summary>
    private const int MaxLineOctets = 12_288;

    private static readonly TimeSpan s_idleTimeout = TimeSpan.FromMinutes(5);

    private readonly DotReader _dots = new();
    private readonly DemoAuthentication _authentication = new(options.Login);
    private readonly List<string> _recipients = [];
    private readonly List<DialogueLine> _dialogue = [];
    private string? _sender;

    /// <summary>What comes next.</summary>
    private enum Next
    {
        Command,
        Content,
        End,
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(clock, cancellationToken);
        Reply("220 localhost ESMTP RelayProxy demo smarthost"u8);
        var next = Next.Command;
        while (next is not Next.End)
        {
            await FlushAsync(deadline.Token);
            deadline.Start(s_idleTimeout);
            ReadResult read = await input.ReadAsync(deadline.Token);
            ReadOnlySequence<byte> buffer = read.Buffer;
            next = Commands(ref buffer);

            // What stands behind DATA is content: not examined yet.
            input.AdvanceTo(buffer.Start, next is Next.Content ? buffer.Start : buffer.End);
            if (next is Next.Content)
            {
                await FlushAsync(deadline.Token);
                await TakeContentAsync(deadline);
                next = Next.Command;
            }
            else if (read.IsCompleted)
            {
                return;
            }
        }

        await FlushAsync(deadline.Token);
    }

    /// <summary>Answers every whole line in the buffer: a pipelined group gets its replies in one piece.</summary>
    private Next Commands(ref ReadOnlySequence<byte> buffer)
    {
        while (true)
        {
            switch (SmtpLine.TryTake(ref buffer, MaxLineOctets, out ReadOnlySequence<byte> line))
            {
                case LineStatus.NeedMore:
                    return Next.Command;
                case LineStatus.Line:
                    Next next = Command(Encoding.UTF8.GetString(line));
                    if (next is not Next.Command)
                    {
                        return next;
                    }

                    break;
                case LineStatus.BareLineFeed or LineStatus.BareCarriageReturn or LineStatus.TooLong:
                    Reply("500 5.5.2 Lines end in CRLF and have a bound"u8);
                    return Next.End;
            }
        }
    }

    private async ValueTask TakeContentAsync(Deadline deadline)
    {
        var content = new KeptContent(options.MaxKeptOctets);
        _dots.Reset();
        DotStatus status;
        do
        {
            deadline.Start(s_idleTimeout);
            ReadResult read = await input.ReadAsync(deadline.Token);
            status = _dots.Read(read.Buffer, content, out SequencePosition consumed);
            input.AdvanceTo(consumed);
            if (read.IsCompleted && status is DotStatus.NeedMore)
            {
                throw new EndOfStreamException("The client left in the middle of a message.");
            }
        }
        while (status is DotStatus.NeedMore);

        if (options.KeepDialogue)
        {
            Note(fromServer: false, string.Create(CultureInfo.InvariantCulture, $"(the message, {content.Octets:N0} octets, and a dot)"));
        }

        if (content.Octets > options.MaxMessageOctets)
        {
            Reply("552 5.3.4 Too large"u8);
            Reset();
            return;
        }

        long number = smarthost.Count(content.Octets);
        Reply(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"250 2.0.0 Taken as demo-{number}")));
        await FlushAsync(deadline.Token);
        arrived(new DemoArrival(number, _sender!, [.. _recipients], content.Kept, content.Octets, [.. _dialogue]));
        _dialogue.Clear();
        Reset();
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (output.UnflushedBytes == 0)
        {
            return;
        }

        if (options.Latency > TimeSpan.Zero)
        {
            await Task.Delay(options.Latency, clock, cancellationToken);
        }

        await output.FlushAsync(cancellationToken);
    }

    private Next Reply(ReadOnlySpan<byte> line)
    {
        if (options.KeepDialogue)
        {
            Note(fromServer: true, Encoding.ASCII.GetString(line));
        }

        output.Write(line);
        output.Write("\r\n"u8);
        return Next.Command;
    }

    private void Note(bool fromServer, string text)
    {
        if (options.KeepDialogue)
        {
            _dialogue.Add(new DialogueLine(fromServer, text));
        }
    }

    private void Reset()
    {
        _sender = null;
        _recipients.Clear();
    }
}
