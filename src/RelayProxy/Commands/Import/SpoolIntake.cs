using RelayProxy.Intake;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Smtp;

namespace RelayProxy.Commands.Import;

/// <summary>What became of one message of a foreign spool.</summary>
internal enum Taken
{
    /// <summary>It is in our queue, and no longer in the other.</summary>
    Now,

    /// <summary>An earlier run had taken it over and was cut short before it could remove it.</summary>
    Before,

    No,
}

/// <summary>
/// Takes messages over from dma's spool, through intake like all mail. A message keeps its place there until it is durable here, and has the same
/// id each time it is tried, so that a run that is cut short loses nothing and doubles nothing.
/// </summary>
internal sealed class SpoolIntake(IQueueStore store, IntakeDesk intake)
{
    private const int PieceOctets = 64 * 1024;

    /// <returns>The id it has here; or, in <c>Why</c>, what is in the way.</returns>
    public async Task<(Taken Taken, QueueId Id, string Why)> TakeAsync(DmaSpoolEntry entry, string name, CancellationToken cancellationToken)
    {
        var id = QueueId.Of(entry.Since, name);
        if (await IsHereAsync(id, cancellationToken))
        {
            entry.Remove();
            return (Taken.Before, id, "");
        }

        if (!TryAddress(entry.Sender, out Mailbox? sender) || !TryAddress(entry.Recipient, out Mailbox? recipient) || recipient is null)
        {
            return (Taken.No, id, $"<{entry.Sender}> or <{entry.Recipient}> is no address");
        }

        await using IntakeTransaction transaction = intake.Begin(new MessageOrigin { Protocol = "local" }, new Envelope { Sender = sender }, id);
        if (transaction.AddRecipient(new Recipient(recipient)) is { } refusal)
        {
            return (Taken.No, id, $"<{entry.Recipient}>: {refusal}");
        }

        await CopyAsync(entry.TextPath, transaction, cancellationToken);
        SmtpReply reply = await transaction.CommitAsync(cancellationToken);
        if (!reply.IsSuccess)
        {
            return (Taken.No, id, reply.ToString());
        }

        entry.Remove();
        return (Taken.Now, id, "");
    }

    private async Task<bool> IsHereAsync(QueueId id, CancellationToken cancellationToken)
    {
        if (await store.FindContentAsync(id, cancellationToken) is not null)
        {
            return true;
        }

        // It may have been sent on already.
        await foreach (HistoryEntry entry in store.HistoryAsync(new HistorySelection(id, Limit: 1), cancellationToken))
        {
            return true;
        }

        return false;
    }

    private static async Task CopyAsync(string path, IntakeTransaction transaction, CancellationToken cancellationToken)
    {
        await using FileStream text = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var lines = new CrLfWriter();
        byte[] piece = new byte[PieceOctets];
        for (int read; (read = await text.ReadAsync(piece, cancellationToken)) > 0;)
        {
            lines.Write(piece.AsSpan(0, read), transaction);
            await transaction.DrainAsync(cancellationToken);
        }

        lines.Finish(transaction);
    }

    /// <summary>The empty address is the null sender, and no recipient.</summary>
    private static bool TryAddress(string text, out Mailbox? mailbox)
    {
        mailbox = null;
        return text.Length == 0 || MailboxParser.TryParse(text, out mailbox);
    }
}
