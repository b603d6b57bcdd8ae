using System.Text;
using RelayProxy.Intake;
using RelayProxy.Mail;
using RelayProxy.Session.Extensions;
using RelayProxy.Smtp;

namespace RelayProxy.Session;

/// <summary>The envelope: MAIL and RCPT (RFC 5321 §4.1.1.2, §4.1.1.3).</summary>
internal sealed partial class SmtpSession
{
    private readonly List<SmtpParameter> _parameters = [];
    private readonly MailRequest _mail = new();
    private readonly RcptRequest _rcpt = new();
    private IntakeTransaction? _transaction;
    private bool _hasSaidMail;

    internal SmtpReply Mail(ReadOnlySpan<byte> argument)
    {
        _hasSaidMail = true;
        SmtpReply reply = _stopping.IsCancellationRequested
            ? HangUp(SessionEnd.Stopping, Replies.Stopping)
            : BeginTransaction(argument) ?? Replies.SenderOk;
        _inAftermath = !reply.IsSuccess;
        return reply;
    }

    internal SmtpReply Rcpt(ReadOnlySpan<byte> argument)
    {
        SmtpReply reply = AddRecipient(argument) ?? Replies.RecipientOk;
        if (reply.IsSuccess)
        {
            _phase = Phases.Recipients;
        }
        else if (_phase == Phases.Sender)
        {
            _inAftermath = true;
        }

        return reply;
    }

    private SmtpReply? BeginTransaction(ReadOnlySpan<byte> argument)
    {
        if (!TryTakeWord(ref argument, "FROM:"))
        {
            return Replies.MailSyntax;
        }

        // Whether SMTPUTF8 was asked for stands behind the address that may need it.
        PathStatus status = MailboxParser.TryParsePath(argument, allowUtf8: true, out Mailbox? sender, out ReadOnlySpan<byte> rest);
        _mail.Clear();
        SmtpReply? refusal = Replies.OfSender(status) ?? ReadMailParameters(rest) ?? JudgeMail(sender) ?? Refusal() ?? _intake.Closed() ?? OverTheRate();
        if (refusal is null)
        {
            _transaction = _intake.Begin(Origin(_mail.IsSmtpUtf8), _mail.ToEnvelope(sender));
            _phase = Phases.Sender;
        }

        return refusal;
    }

    private SmtpReply? ReadMailParameters(ReadOnlySpan<byte> text) =>
        SmtpParameters.TryParse(text, allowUtf8: false, _parameters) ? Extension.ReadMail(_parameters, _mail) : Replies.ParameterSyntax;

    private SmtpReply? ReadRcptParameters(ReadOnlySpan<byte> text) =>
        SmtpParameters.TryParse(text, _mail.IsSmtpUtf8, _parameters) ? Extension.ReadRcpt(_parameters, _rcpt) : Replies.ParameterSyntax;

    private SmtpReply? JudgeMail(Mailbox? sender) => sender switch
    {
        { IsAscii: false } when !_mail.IsSmtpUtf8 => Replies.SenderNeedsSmtpUtf8,
        _ when _mail.DeclaredOctets > _options.MaxMessageOctets => Replies.TooLarge(_options.MaxMessageOctets),
        _ when !_inFlight.HasRoomFor(_mail.DeclaredOctets, _options.MaxOctetsInFlight) => Replies.TooMuchUnderWay,
        _ => null,
    };

    /// <summary>Last of all, so that only what is begun counts.</summary>
    private SmtpReply? OverTheRate() =>
        _options.MaxMessagesPerUserPerHour is > 0 and var limit && _rates.Take(_peer, limit) is { } wait ? Replies.TooManyMessages(limit, wait) : null;

    private SmtpReply? AddRecipient(ReadOnlySpan<byte> argument)
    {
        if (!TryTakeWord(ref argument, "TO:"))
        {
            return Replies.RcptSyntax;
        }

        PathStatus status = MailboxParser.TryParsePath(argument, _mail.IsSmtpUtf8, out Mailbox? mailbox, out ReadOnlySpan<byte> rest);
        _rcpt.Clear();
        return Replies.OfRecipient(status)
            ?? ReadRcptParameters(rest)
            ?? (_transaction!.AcceptedRecipients >= _options.MaxRecipients
                ? Replies.TooManyRecipients
                : _transaction.AddRecipient(new Recipient(mailbox!, _rcpt.Notify, _rcpt.OriginalRecipient)));
    }

    /// <summary>Nothing is under way any more, and nothing of it is left.</summary>
    private async ValueTask DropTransactionAsync()
    {
        IntakeTransaction? transaction = _transaction;
        _transaction = null;
        _gate.Close();
        _inAftermath = false;
        if (_phase != Phases.Strangers || _heloName.Length > 0)
        {
            _phase = Phases.Ready;
        }

        if (transaction is not null)
        {
            await transaction.DisposeAsync();
        }
    }

    /// <summary><c>FROM:</c> and <c>TO:</c>, in any letter case.</summary>
    private static bool TryTakeWord(ref ReadOnlySpan<byte> argument, string word)
    {
        if (argument.Length < word.Length || !Ascii.EqualsIgnoreCase(argument[..word.Length], word))
        {
            return false;
        }

        argument = argument[word.Length..];
        return true;
    }
}
