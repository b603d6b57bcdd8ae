using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using RelayProxy.Intake;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Delivery.Reports;

/// <summary>What can be done about failed recipients.</summary>
internal enum Telling
{
    /// <summary>The sender will be told, or did not want to be.</summary>
    Done,

    /// <summary>There is nobody to tell: what failed is kept, parked.</summary>
    Nobody,

    /// <summary>The report cannot be stored just now: what failed waits, and is judged again at its next attempt.</summary>
    NotNow,
}

/// <param name="Report">To be committed with the settlement; <c>null</c> if none is due.</param>
/// <param name="Why">For <see cref="Telling.Nobody"/>: what an operator will read.</param>
internal readonly record struct Told(Telling Telling, PreparedMessage? Report = null, string Why = "");

/// <summary>
/// Decides whether somebody is told, and whom, and brings the report in by the front door: through intake, with the null sender. Nothing
/// here is ever sent because a report failed, but to the postmaster, and that is the end of it (RFC 5321 §6.1, RFC 3461 §5.2).
/// </summary>
internal sealed partial class ReportOffice(IntakeDesk intake, Func<DeliveryOptions> options, TimeProvider clock, ILogger logger)
{
    private readonly ReportBudget _budget = new(clock, options);

    /// <summary>Tells of recipients that have failed for good. All of them, here and below, have the same <see cref="ReturnPaths"/>.</summary>
    public async ValueTask<Told> FailedAsync(QueueLease lease, IReadOnlyList<ReportedRecipient> failed, CancellationToken cancellationToken)
    {
        if (ReturnPaths.Of(lease.Message.Envelope, failed[0].Recipient) is not { } sender)
        {
            return await NoSenderAsync(lease, failed, cancellationToken).ConfigureAwait(false);
        }

        ReportedRecipient[] wanted = [.. failed.Where(recipient => ReportPolicy.Wants(recipient.Recipient, ReportAction.Failed))];
        if (wanted.Length == 0)
        {
            return new Told(Telling.Done);
        }

        if (!_budget.TrySpend(sender))
        {
            Log.TooManyReports(logger, lease.Message.Id, LogText.Printable(sender.ToString()), options().MaxReportsPerHour);
            return new Told(Telling.Nobody, Why: $"<{sender}> has had {options().MaxReportsPerHour} bounces within an hour");
        }

        return await WriteAsync(lease, Report(lease, ReportAction.Failed, wanted, sender), DsnNotify.Unspecified, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells of recipients that still wait; <c>null</c> if nobody wants to know.</summary>
    public async ValueTask<Told> DelayedAsync(QueueLease lease, IReadOnlyList<ReportedRecipient> delayed, CancellationToken cancellationToken)
    {
        ReportedRecipient[] wanted = [.. delayed.Where(recipient => ReportPolicy.Wants(recipient.Recipient, ReportAction.Delayed))];
        if (wanted.Length == 0 || ReturnPaths.Of(lease.Message.Envelope, wanted[0].Recipient) is not { } sender || !_budget.TrySpend(sender))
        {
            return new Told(Telling.Done);
        }

        DeliveryReport report = Report(lease, ReportAction.Delayed, wanted, sender) with { WillRetryUntil = lease.Message.ExpiresAt };
        return await WriteAsync(lease, report, DsnNotify.Unspecified, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells of recipients that a smarthost without DSN has taken over (RFC 3461 §5.2.2), or that have their mail.</summary>
    /// <param name="action"><see cref="ReportAction.Relayed"/> or <see cref="ReportAction.Delivered"/>.</param>
    public async ValueTask<Told> SucceededAsync(
        QueueLease lease, ReportAction action, IReadOnlyList<ReportedRecipient> relayed, CancellationToken cancellationToken)
    {
        ReportedRecipient[] wanted = [.. relayed.Where(recipient => ReportPolicy.Wants(recipient.Recipient, action))];
        if (wanted.Length == 0 || ReturnPaths.Of(lease.Message.Envelope, wanted[0].Recipient) is not { } sender || !_budget.TrySpend(sender))
        {
            return new Told(Telling.Done);
        }

        return await WriteAsync(lease, Report(lease, action, wanted, sender), DsnNotify.Unspecified, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A bounce that bounces. It stays in the queue, and the postmaster hears of it: by mail that nobody hears of if it fails, which
    /// NOTIFY=NEVER marks, whatever alias it passes through.</summary>
    private async ValueTask<Told> NoSenderAsync(QueueLease lease, IReadOnlyList<ReportedRecipient> failed, CancellationToken cancellationToken)
    {
        Log.NobodyToTell(logger, lease.Message.Id, LogText.Printable(string.Join(", ", failed.Select(recipient => recipient.Recipient.Address))));
        var parked = new Told(Telling.Nobody, Why: "there is no sender to tell");
        bool isNotice = failed.All(recipient => (recipient.Recipient.Notify & DsnNotify.Never) != 0);
        if (isNotice || !MailboxParser.TryParse(options().PostmasterAddress, out Mailbox? postmaster) || !_budget.TrySpend(postmaster!))
        {
            return parked;
        }

        DeliveryReport report = Report(lease, ReportAction.Failed, failed, postmaster!) with { ForPostmaster = true };
        Told told = await WriteAsync(lease, report, DsnNotify.Never, cancellationToken).ConfigureAwait(false);
        return parked with { Report = told.Report };
    }

    private DeliveryReport Report(QueueLease lease, ReportAction action, IReadOnlyList<ReportedRecipient> recipients, Mailbox to) => new()
    {
        Action = action,
        Message = lease.Message with { Envelope = ReturnPaths.EnvelopeFor(lease.Message.Envelope, recipients[0].Recipient) },
        Recipients = recipients,
        To = to,
        HostName = ReceivedField.Host(intake.HostName),
        Now = clock.GetLocalNow(),

        // 5.6.3, 5.6.7 and 5.6.9 of our own making: the smarthost lacks 8BITMIME or SMTPUTF8 (RFC 6152, RFC 6531 §3.5).
        SevenBitOnly = recipients.Any(recipient =>
            recipient.RemoteMta.Length == 0 && recipient.Reply.Status is { Subject: 6, Detail: 3 or 7 or 8 or 9 or 10 }),
    };

    private async ValueTask<Told> WriteAsync(QueueLease lease, DeliveryReport report, DsnNotify notify, CancellationToken cancellationToken)
    {
        bool headersOnly = report.Action is ReportAction.Relayed or ReportAction.Delivered || report.ForPostmaster
            || (report.SevenBitOnly && (lease.Message.Traits & ContentTraits.EightBit) != 0);
        (ReadOnlyMemory<byte> returned, bool all) = await ReturnedContent
            .ReadAsync(lease, headersOnly, options(), cancellationToken).ConfigureAwait(false);
        report = report with { Returned = returned, ReturnsAll = all };

        var envelope = new Envelope { Declared8BitMime = !report.SevenBitOnly, DeclaredSmtpUtf8 = !report.To.IsAscii };
        await using IntakeTransaction transaction = intake.Begin(MessageOrigin.Report, envelope);
        if (transaction.AddRecipient(new Recipient(report.To, notify)) is { } refusal)
        {
            Log.ReportNotPossible(logger, lease.Message.Id, LogText.Printable(report.To.ToString()), refusal);
            return new Told(Telling.Nobody, Why: $"<{report.To}> cannot be told: {refusal}");
        }

        if (transaction.IsForNobody)
        {
            // An alias throws the sender's mail away, reports included.
            return new Told(Telling.Done);
        }

        NonDeliveryReport.Write(transaction, report, transaction.Id, $"=_{RandomNumberGenerator.GetHexString(32, lowercase: true)}");
        PreparedMessage? prepared = await transaction.PrepareAsync(cancellationToken).ConfigureAwait(false);
        if (prepared is null)
        {
            return new Told(Telling.NotNow, Why: "the report cannot be stored");
        }

        Log.ReportQueued(logger, lease.Message.Id, report.Action, LogText.Printable(report.To.ToString()), prepared.Id);
        return new Told(Telling.Done, prepared);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ReportQueued, LogLevel.Information, "{QueueId}: {Action} report to <{Sender}> is {ReportId}")]
        public static partial void ReportQueued(ILogger logger, QueueId queueId, ReportAction action, string sender, QueueId reportId);

        [LoggerMessage(EventIds.NobodyToTell, LogLevel.Error, "{QueueId}: cannot be delivered to {Recipients}, and has no sender to tell: parked")]
        public static partial void NobodyToTell(ILogger logger, QueueId queueId, string recipients);

        [LoggerMessage(EventIds.TooManyReports, LogLevel.Error, "{QueueId}: no bounce, parked: <{Sender}> has had {Most} within an hour")]
        public static partial void TooManyReports(ILogger logger, QueueId queueId, string sender, int most);

        [LoggerMessage(EventIds.ReportNotPossible, LogLevel.Error, "{QueueId}: no report, for <{Sender}> is refused: {Reply}")]
        public static partial void ReportNotPossible(ILogger logger, QueueId queueId, string sender, SmtpReply reply);
    }
}
