using System.Buffers;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Intake;

/// <summary>The octets: held back until the header section is known, then edited, then on to the store.</summary>
internal sealed partial class IntakeTransaction
{
    private const int BufferOctets = 32 * 1024;

    /// <summary>A store's writer is called for so much, not for every network packet. A small message is complete before that.</summary>
    private const int DrainOctets = BufferOctets / 2;

    /// <summary>The last line of a section cut to less than this could not be judged.</summary>
    private const int LeastHeaderOctets = 1024;

    /// <summary>ENOSPC and EDQUOT, which .NET hands on in HResult.</summary>
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    private readonly ContentScanner _scanner = new();
    private HeaderBlock? _header = new();
    private IMessageWriter? _writer;
    private byte[] _buffer = [];
    private int _written;

    /// <summary>Up to here in the buffer the line ends are known to be good.</summary>
    private int _checked;

    /// <summary>The last octet before <see cref="_checked"/>, which may have left the buffer. A message begins at the start of a line.</summary>
    private byte _lastOctet = (byte)'\n';
    private long _storedOctets;
    private string _messageId = "";

    /// <summary>Content octets so far, without what intake adds.</summary>
    public long ContentOctets { get; private set; }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _written);
        _written += count;
        ContentOctets += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Moves what was written on towards the store. After a fault of the store it swallows the rest of the content; the
    /// fault comes out at <see cref="CommitAsync"/>.</summary>
    public ValueTask DrainAsync(CancellationToken cancellationToken) =>
        _written < DrainOctets && _refusal is null ? ValueTask.CompletedTask : MoveOnAsync(isAll: false, cancellationToken);

    private ValueTask CompleteContentAsync(CancellationToken cancellationToken)
    {
        CheckLineEnds();
        if (_lastOctet != '\n')
        {
            // Over BDAT the last line may lack its end.
            MakeRoom(2);
            "\r\n"u8[(_lastOctet == '\r' ? 1 : 0)..].CopyTo(_buffer.AsSpan(_written));
            _written += _lastOctet == '\r' ? 1 : 2;
        }

        return MoveOnAsync(isAll: true, cancellationToken);
    }

    private async ValueTask MoveOnAsync(bool isAll, CancellationToken cancellationToken)
    {
        if (_recipients.Count == 0)
        {
            Refuse(IntakeReplies.NoRecipients);
        }

        if (_refusal is null)
        {
            CheckLineEnds();
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

            await StoreAsync(_buffer.AsMemory(bodyStart, _written - bodyStart), cancellationToken).ConfigureAwait(false);
        }

        _written = _checked = 0;
        if (_refusal is not null && _writer is { } writer)
        {
            _writer = null;
            await writer.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Whether the end of the header section has been found; <see cref="HeaderStatus.NeedMore"/> then means that it is too
    /// long to be looked at.</summary>
    private bool TryEndHeader(bool isAll, out HeaderStatus status)
    {
        // Only ever the first octets, so that it makes no difference in which pieces they came.
        int bound = Math.Max(_options.MaxHeaderOctets, LeastHeaderOctets);
        bool isWithin = _written <= bound;
        status = _header!.Read(_buffer.AsSpan(0, Math.Min(_written, bound)), isAll && isWithin);
        return status != HeaderStatus.NeedMore || !isWithin;
    }

    private async ValueTask StoreHeaderAsync(HeaderBlock header, HeaderStatus status, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> content = _buffer.AsMemory(0, _written);
        if (!_origin.IsReport && LoopGuard.Check(content.Span, header, _options.MaxReceivedFields) is { } refusal)
        {
            Log.MailLoop(_desk.Logger, Id, _options.MaxReceivedFields, LogText.Printable(Sender));
            Refuse(refusal);
            return;
        }

        _writer = _desk.Store.BeginMessage(Id);
        HeaderEdits edits = HeaderEdits.For(content.Span, header, status, _options, Trace());
        _messageId = edits.MessageId;
        await StoreAsync(edits.Top, cancellationToken).ConfigureAwait(false);
        int copied = 0;
        foreach (HeaderSplice splice in edits.Splices)
        {
            await StoreAsync(content[copied..splice.Start], cancellationToken).ConfigureAwait(false);
            await StoreAsync(splice.Replacement, cancellationToken).ConfigureAwait(false);
            copied = splice.Start + splice.Length;
        }

        await StoreAsync(content[copied..header.Octets], cancellationToken).ConfigureAwait(false);
        await StoreAsync(edits.Bottom, cancellationToken).ConfigureAwait(false);
    }

    private Trace Trace()
    {
        Mailbox? onlyRecipient = AcceptedRecipients == 1 && _recipients.Count == 1 ? _firstGiven : null;
        DateTimeOffset localTime = TimeZoneInfo.ConvertTime(_receivedAt, _desk.Clock.LocalTimeZone);
        return new Trace(Id, _origin, _desk.HostName, Envelope.Sender, onlyRecipient, localTime);
    }

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
        bool isFull = _desk.Store.Health == StoreHealth.Full || fault.HResult is NoSpace or QuotaExceeded;
        Log.NotStored(_desk.Logger, Id, LogText.Printable(fault.Message), fault);
        Refuse(isFull ? IntakeReplies.DiskFull : IntakeReplies.StoreFailed);
    }

    private void CheckLineEnds()
    {
        Span<byte> fresh = _buffer.AsSpan(_checked, _written - _checked);
        if (fresh.IsEmpty)
        {
            return;
        }

        byte last = fresh[^1];
        bool afterCarriageReturn = _lastOctet == '\r';
        if (LineEnds.AnyLone(fresh, afterCarriageReturn))
        {
            byte[] mended = ArrayPool<byte>.Shared.Rent(_checked + (2 * fresh.Length) + 1);
            _buffer.AsSpan(0, _checked).CopyTo(mended);
            _written = _checked + LineEnds.Mend(fresh, afterCarriageReturn, mended.AsSpan(_checked));
            ReturnBuffer();
            _buffer = mended;
        }

        _checked = _written;
        _lastOctet = last;
    }

    private void MakeRoom(int octets)
    {
        if (_buffer.Length - _written >= octets)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(BufferOctets, Math.Max(2 * _buffer.Length, _written + octets)));
        _buffer.AsSpan(0, _written).CopyTo(larger);
        ReturnBuffer();
        _buffer = larger;
    }

    private void ReturnBuffer()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
