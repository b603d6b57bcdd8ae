using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using RelayProxy.Smtp;

namespace RelayProxy.Commands.Demo;

/// <summary>One conversation of the stand-in smarthost: what a provider's submission service does, without the provider.</summary>
internal sealed class DemoSmarthostSession(
    DemoSmarthost smarthost, DemoSmarthostOptions options, TimeProvider clock, Action<DemoArrival> arrived, PipeReader input, PipeWriter output)
{
    /// <summary>RFC 4954 §4: a line of an AUTH exchange.</summary>
    private const int MaxLineOctets = 12_288;

    private const int MaxErrors = 20;
    private static readonly TimeSpan s_idleTimeout = TimeSpan.FromMinutes(5);

    private readonly DotReader _dots = new();
    private readonly DemoAuthentication _authentication = new(options.Login);
    private readonly List<string> _recipients = [];
    private readonly List<DialogueLine> _dialogue = [];
    private string? _sender;
    private int _errors;

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

    private Next Command(string line)
    {
        if (_authentication.IsUnderWay)
        {
            Note(fromServer: false, "(secret)");
            Reply(_authentication.Answer(line));
            return Next.Command;
        }

        string verb = line.Split(' ', 2)[0].ToUpperInvariant();
        Note(fromServer: false, verb == "AUTH" ? DemoAuthentication.Redact(line) : line);
        switch (verb)
        {
            case "EHLO":
                Reset();
                Hello();
                return Next.Command;
            case "HELO":
                Reset();
                return Reply("250 localhost"u8);
            case "AUTH" when _sender is null && !_authentication.IsDone:
                return Reply(_authentication.Begin(line));
            case "MAIL" when !_authentication.IsDone:
                return Reply("530 5.7.0 Log in first"u8);
            case "MAIL" when _sender is null:
                return Mail(line);
            case "RCPT" when _sender is not null:
                return Recipient(line);
            case "DATA" when _recipients.Count > 0:
                Reply("354 Go on"u8);
                return Next.Content;
            case "DATA" when _sender is not null:
                return Reply("554 5.5.1 No recipient"u8);
            case "RSET":
                Reset();
                return Reply("250 2.0.0 Forgotten"u8);
            case "NOOP":
                return Reply("250 2.0.0 Ok"u8);
            case "QUIT":
                Reply("221 2.0.0 Bye"u8);
                return Next.End;
            case "AUTH" or "MAIL" or "RCPT" or "DATA":
                return Error("503 5.5.1 Not now"u8);
            default:
                return Error("502 5.5.1 Not known here"u8);
        }
    }

    private void Hello()
    {
        Reply("250-localhost"u8);
        Reply("250-PIPELINING"u8);
        Reply(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"250-SIZE {options.MaxMessageOctets}")));
        Reply("250-8BITMIME"u8);
        Reply("250-SMTPUTF8"u8);
        Reply("250-DSN"u8);
        Reply("250-AUTH PLAIN LOGIN"u8);
        Reply("250 ENHANCEDSTATUSCODES"u8);
    }

    private Next Mail(string line)
    {
        if (Path(line) is not { } sender)
        {
            return Error("501 5.1.7 MAIL FROM:<...>"u8);
        }

        _sender = sender;
        return Reply("250 2.1.0 Sender ok"u8);
    }

    private Next Recipient(string line)
    {
        if (Path(line) is not { Length: > 0 } recipient)
        {
            return Error("501 5.1.3 RCPT TO:<...>"u8);
        }

        if (_recipients.Count == options.MaxRecipients)
        {
            return Reply("452 4.5.3 Too many recipients"u8);
        }

        _recipients.Add(recipient);
        return Reply("250 2.1.5 Recipient ok"u8);
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

    private Next Error(ReadOnlySpan<byte> reply)
    {
        if (++_errors < MaxErrors)
        {
            return Reply(reply);
        }

        Reply("421 4.7.0 Too many errors"u8);
        return Next.End;
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

    /// <summary>What stands between the brackets: shown, never resolved, so not looked at any closer.</summary>
    private static string? Path(string line)
    {
        int open = line.IndexOf('<', StringComparison.Ordinal);
        int close = line.IndexOf('>', Math.Max(open, 0));
        return open < 0 || close < 0 ? null : line[(open + 1)..close];
    }
}
