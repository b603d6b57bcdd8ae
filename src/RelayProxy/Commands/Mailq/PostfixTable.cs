using System.Globalization;
using System.Text;
using RelayProxy.Queue;
using RelayProxy.Smtp;

namespace RelayProxy.Commands.Mailq;

/// <summary>
/// The queue as Postfix's <c>postqueue -p</c> shows it, to the letter, for whatever watches a queue reads that. What Postfix does not tell, the
/// next attempt above all, stands inside the parentheses in which it gives its reasons. Our ids are longer than most of Postfix's and push
/// their line to the right, as its own do when they are long. Each message is written when it is known: there may be millions.
/// </summary>
/// <param name="isVerbose">Tell how often, from where, and for how long yet; and those who have it already.</param>
internal sealed class PostfixTable(CommandContext context, bool isVerbose)
{
    private const string Header = "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------";

    /// <summary>A reason ends here, and begins further to the left the longer it is.</summary>
    private const int ReasonWidth = 76;

    private readonly DateTimeOffset _now = context.Clock.GetUtcNow();
    private readonly StringBuilder _lines = new();
    private long _messages;
    private long _octets;

    public void Add(QueuedMessage message)
    {
        if (_messages++ == 0)
        {
            Line(Header);
        }

        _octets += message.Octets;
        Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{message.Id + MailqWords.Mark(message),-11} {message.Octets,7} {Arrival(message.ReceivedAt)} {MailqWords.Sender(message)}"));
        if (isVerbose)
        {
            Reason(About(message));
        }

        if (message.IsDamaged)
        {
            Reason("damaged, and set aside: what is stored is not what was written");
        }

        string? last = null;
        foreach (QueuedRecipient recipient in message.Recipients.Where(recipient => isVerbose || MailqWords.IsOpen(recipient)))
        {
            // Recipients of one reason stand together below it.
            string reason = Standing(message, recipient);
            if (reason.Length > 0 && reason != last)
            {
                Reason(reason);
            }

            last = reason;
            Line($"{"",41}{recipient.Recipient.Address}{(isVerbose ? QueueWords.Place(recipient.Recipient.Local) : "")}");
        }

        Line("");
        Write();
    }

    /// <summary>The sums; or that there is nothing.</summary>
    public void Finish()
    {
        const int kilo = 1024;
        Line(_messages == 0
            ? "Mail queue is empty"
            : string.Create(CultureInfo.InvariantCulture, $"-- {_octets / kilo} Kbytes in {_messages} Request{(_messages == 1 ? "" : "s")}."));
        Write();
    }

    /// <summary>What was last said of a recipient, and when he is tried next.</summary>
    private string Standing(QueuedMessage message, QueuedRecipient recipient)
    {
        string?[] parts =
        [
            recipient.LastReply,
            isVerbose && recipient.Attempts > 0 ? TerminalText.Count(recipient.Attempts, "attempt") : null,
            recipient.MayHaveBeenDelivered ? "may have been delivered" : null,
            Next(message, recipient),
        ];
        return string.Join("; ", parts.OfType<string>());
    }

    private string? Next(QueuedMessage message, QueuedRecipient recipient) => recipient.State switch
    {
        RecipientState.Waiting when recipient.NextAttempt <= _now => recipient.LastReply is null ? null : "next attempt now",

        // Queue:SendWhenAsked.
        RecipientState.Waiting when recipient.LastReply is null && recipient.NextAttempt >= message.ExpiresAt => "waits to be asked for",
        RecipientState.Waiting => $"next attempt {When(recipient.NextAttempt)}",

        // Where all are held the mark behind the id says so.
        RecipientState.Held when message.Recipients.All(other => other.State == RecipientState.Held || !MailqWords.IsOpen(other)) => null,
        RecipientState.Held or RecipientState.Parked or RecipientState.Delivered or RecipientState.Bounced => QueueWords.State(recipient.State),
    };

    private string About(QueuedMessage message)
    {
        string?[] parts =
        [
            message.Origin.Length > 0 ? $"from {message.Origin}" : null,
            message.MessageId.Length > 0 ? $"Message-ID {message.MessageId}" : null,
            message.Envelope.EnvelopeId is { } id ? $"envelope id {(Xtext.TryDecode(id, out string plain) ? plain : id)}" : null,
            message.IsDamaged ? null : $"gives up {When(message.ExpiresAt)}",
        ];
        return string.Join("; ", parts.OfType<string>());
    }

    private void Reason(string text) => Line($"({text})".PadLeft(ReasonWidth + 2));

    /// <summary>As ctime(3) has it, up to the blank before the year.</summary>
    private string Arrival(DateTimeOffset time)
    {
        DateTimeOffset local = Local(time);
        return string.Create(CultureInfo.InvariantCulture, $"{local:ddd MMM} {local.Day,2} {local:HH:mm:ss} ");
    }

    /// <summary>The time of today, or the day too.</summary>
    private string When(DateTimeOffset time)
    {
        DateTimeOffset local = Local(time);
        return local.Date == Local(_now).Date
            ? local.ToString("HH:mm", CultureInfo.InvariantCulture)
            : local.ToString("MMM d HH:mm", CultureInfo.InvariantCulture);
    }

    private DateTimeOffset Local(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, context.Clock.LocalTimeZone);

    private void Line(string line) => _lines.Append(TerminalText.Safe(line)).Append('\n');

    /// <summary>In one call for each message: of short lines that call would be most of the work.</summary>
    private void Write()
    {
        context.Output.Write(_lines.ToString());
        _lines.Clear();
    }
}
