using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Rewrite.Header;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Intake;

/// <summary>The octets: held back until the header section is known, then edited, then on to the store.</summary>
internal sealed partial class IntakeTransaction
{
    /// <summary>A store's writer is called for so much, not for every network packet. A small message is complete before that.</summary>
    private const int DrainOctets = ContentBuffer.UsualOctets / 2;

    /// <summary>The last line of a section cut to less than this could not be judged.</summary>
    private const int LeastHeaderOctets = 1024;

    private readonly ContentBuffer _buffer = new();
    private readonly ContentScanner _scanner = new();
    private HeaderBlock? _header = new();
    private IMessageWriter? _writer;
    private long _storedOctets;
    private string _messageId = "";
    private string _traceParent = "";

    /// <summary>Content octets so far, without what intake adds.</summary>
    public long ContentOctets { get; private set; }

    public void Advance(int count)
    {
        _buffer.Advance(count);
        ContentOctets += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => _buffer.Room(Math.Max(sizeHint, 1));

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Moves what was written on towards the store. After a fault of the store it swallows the rest of the content; the
    /// fault comes out at <see cref="CommitAsync"/>.</summary>
    public ValueTask DrainAsync(CancellationToken cancellationToken) =>
        _buffer.Length < DrainOctets && _refusal is null ? ValueTask.CompletedTask : MoveOnAsync(isAll: false, cancellationToken);

    private ValueTask CompleteContentAsync(CancellationToken cancellationToken)
    {
        _buffer.EndLastLine();
        return MoveOnAsync(isAll: true, cancellationToken);
    }

    private async ValueTask MoveOnAsync(bool isAll, CancellationToken cancellationToken)
    {
        AddBlindCopies();
        if (_recipients.Count == 0 && _refusal is null)
        {
            RefuseForNobody();
        }

        if (_refusal is null)
        {
            _buffer.MendLineEnds();
            int bodyStart = 0;
            if (_header is not null)
            {
                if (!TryEndHeader(isAll, out HeaderStatus status))
                {
                    return;
                }

                bodyStart = _header.Octets;
                await StoreHeaderAsync(_header, status, cancellationToken).ConfigureAwait(false);
                _header = null;
            }

            await StoreAsync(_buffer.Written[bodyStart..], cancellationToken).ConfigureAwait(false);
        }

        _buffer.Clear();
        if (_refusal is not null && _writer is { } writer)
        {
            _writer = null;
            await writer.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>There is nobody to store the content for, which need not be a failure.</summary>
    private void RefuseForNobody()
    {
        if (IsForNobody)
        {
            Log.ThrownAway(_desk.Logger, Id, LogText.Printable(Sender));
            Refuse(IntakeReplies.ThrownAway(Id));
        }
        else
        {
            Refuse(IntakeReplies.NoRecipients);
        }
    }

    /// <summary>Whether the end of the header section has been found; <see cref="HeaderStatus.NeedMore"/> then means that it is too
    /// long to be looked at.</summary>
    private bool TryEndHeader(bool isAll, out HeaderStatus status)
    {
        // Only ever the first octets, so that it makes no difference in which pieces they came.
        int bound = Math.Max(_options.MaxHeaderOctets, LeastHeaderOctets);
        bool isWithin = _buffer.Length <= bound;
        status = _header!.Read(_buffer.Written.Span[..Math.Min(_buffer.Length, bound)], isAll && isWithin);
        return status != HeaderStatus.NeedMore || !isWithin;
    }

    private async ValueTask StoreHeaderAsync(HeaderBlock header, HeaderStatus status, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> content = _buffer.Written;
        if (!_origin.IsReport && LoopGuard.Check(content.Span, header, _options.MaxReceivedFields) is { } refusal)
        {
            Log.MailLoop(_desk.Logger, Id, _options.MaxReceivedFields, LogText.Printable(Sender));
            Refuse(refusal);
            return;
        }

        _writer = _desk.Store.BeginMessage(Id);
        HeaderRewrite? rewrite = status == HeaderStatus.NeedMore ? null : _desk.Rewriter.Header(content.Span, header, _origin.IsReport);
        HeaderEdits edits = HeaderEdits.For(content.Span, header, status, rewrite, _options, MakeTrace(content.Span, header));
        _messageId = edits.MessageId;
        if (RelayTraces.AreHeard && header.Find(content.Span, "traceparent"u8) is { } field)
        {
            _traceParent = HeaderBlock.Value(content.Span, field);
        }

        if (edits.KeptFields.Count > 0)
        {
            Log.SignedFieldsKept(_desk.Logger, Id, string.Join(", ", edits.KeptFields));
        }

        await StoreAsync(edits.Top, cancellationToken).ConfigureAwait(false);

        // In one piece: a store's writer is not made for the fifty thousand that a header of nothing but names would give.
        ReadOnlyMemory<byte> section = content[..header.Octets];
        await StoreAsync(edits.Splices.Count == 0 ? section : FieldSplicer.Apply(section.Span, 0, edits.Splices), cancellationToken)
            .ConfigureAwait(false);
        await StoreAsync(edits.Bottom, cancellationToken).ConfigureAwait(false);
    }

    private Trace MakeTrace(ReadOnlySpan<byte> content, HeaderBlock header)
    {
        Mailbox? onlyRecipient = AcceptedRecipients == 1 && _recipients.Count - (_blindCopies?.Count ?? 0) == 1 ? _firstGiven : null;
        DateTimeOffset localTime = TimeZoneInfo.ConvertTime(_receivedAt, _desk.Clock.LocalTimeZone);
        return new Trace(Id, _origin, _desk.HostName, header.Find(content, "From"u8) is null ? Author() : null, onlyRecipient, localTime)
        {
            OriginalRecipients = _originals ?? [],
        };
    }

    private Mailbox Author() =>
        _desk.Rewriter.Author(_givenSender ?? new Mailbox("MAILER-DAEMON", ReceivedField.Host(_desk.HostName)));

    private async ValueTask StoreAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        if (octets.IsEmpty || _refusal is not null)
        {
            return;
        }

        _scanner.Scan(octets.Span);
        _storedOctets += octets.Length;
        try
        {
            await _writer!.WriteAsync(octets, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException fault)
        {
            RefuseFor(fault);
        }
    }

    private void RefuseFor(IOException fault)
    {
        Log.NotStored(_desk.Logger, Id, LogText.Printable(fault.Message), fault);
        Refuse(fault is QueueFullException ? IntakeReplies.DiskFull : IntakeReplies.StoreFailed);
    }
}
