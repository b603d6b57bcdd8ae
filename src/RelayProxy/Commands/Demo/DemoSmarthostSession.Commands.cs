using System.Globalization;
using System.Text;

namespace RelayProxy.Commands.Demo;

/// <content>What each command does.</content>
internal sealed partial class DemoSmarthostSession
{
    private const int MaxErrors = 20;

    private int _errors;

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

    private Next Error(ReadOnlySpan<byte> reply)
    {
        if (++_errors < MaxErrors)
        {
            return Reply(reply);
        }

        Reply("421 4.7.0 Too many errors"u8);
        return Next.End;
    }

    /// <summary>What stands between the brackets: shown, never resolved, so not looked at any closer.</summary>
    private static string? Path(string line)
    {
        int open = line.IndexOf('<', StringComparison.Ordinal);
        int close = line.IndexOf('>', Math.Max(open, 0));
        return open < 0 || close < 0 ? null : line[(open + 1)..close];
    }
}
