using System.Buffers;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Smtp;

namespace RelayProxy.Intake;

/// <summary>
/// The customs hall: all mail passes here, whoever brought it. Opens a transaction for each message; nothing else puts mail into
/// the queue.
/// </summary>
internal sealed class IntakeDesk
{
    /// <summary>Why no mail can be taken just now (452 4.3.1 disk short, 451 4.3.0 store suspect); <c>null</c> if it can.</summary>
    public SmtpReply? Closed() => throw new NotImplementedException();

    public IntakeTransaction Begin(MessageOrigin origin, Envelope envelope) => throw new NotImplementedException();
}

/// <summary>Who brings a message, as the Received field and the log will tell it.</summary>
internal sealed record MessageOrigin
{
    /// <summary>What the client said in HELO or EHLO, not trusted; empty where there was none.</summary>
    public string HeloName { get; init; } = "";

    /// <summary><c>127.0.0.1</c>, <c>IPv6:::1</c>, empty for a Unix socket or for mail that comes from inside.</summary>
    public string Address { get; init; } = "";

    /// <summary>The local user's id, where the kernel told.</summary>
    public int? UserId { get; init; }

    /// <summary>The local user's name, where there is one.</summary>
    public string UserName { get; init; } = "";

    /// <summary><c>SMTP</c>, <c>ESMTP</c>, <c>UTF8SMTP</c>, <c>local</c> … (RFC 3848, RFC 6531).</summary>
    public string Protocol { get; init; } = "ESMTP";
}

/// <summary>
/// One message on its way in. Content is written into it (it is a buffer), <see cref="DrainAsync"/> moves it on towards the store,
/// <see cref="CommitAsync"/> makes it the relay's responsibility. Only the header section is held back; the body streams past.
/// Disposing it before the commit leaves nothing behind.
/// </summary>
internal sealed class IntakeTransaction : IBufferWriter<byte>, IAsyncDisposable
{
    public QueueId Id => throw new NotImplementedException();

    public Envelope Envelope => throw new NotImplementedException();

    /// <summary>How many recipients the client gave that were accepted.</summary>
    public int AcceptedRecipients => throw new NotImplementedException();

    /// <summary>Qualifies and expands; <c>null</c> if the recipient was taken, else the refusal.</summary>
    public SmtpReply? AddRecipient(Recipient recipient) => throw new NotImplementedException();

    /// <summary>Content octets so far, without what intake adds.</summary>
    public long ContentOctets => throw new NotImplementedException();

    public void Advance(int count) => throw new NotImplementedException();

    public Memory<byte> GetMemory(int sizeHint = 0) => throw new NotImplementedException();

    public Span<byte> GetSpan(int sizeHint = 0) => throw new NotImplementedException();

    /// <summary>Moves what was written on towards the store. After a fault of the store it swallows the rest of the content; the
    /// fault comes out at <see cref="CommitAsync"/>.</summary>
    public ValueTask DrainAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The message is complete: the final reply, <c>250 2.0.0 Queued as …</c> if and only if it is on disk.</summary>
    public ValueTask<SmtpReply> CommitAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>As <see cref="CommitAsync"/>, but for a report that is to be committed together with a settlement.</summary>
    public ValueTask<PreparedMessage?> PrepareAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
