using System.Text;
using RelayProxy.Intake;
using RelayProxy.Mail;

namespace RelayProxy.Submission.Text;

/// <summary>
/// The text that a program handed to sendmail, made a message of: header section, empty line, body; CRLF line ends only, the last line ended. It
/// is not dot-stuffed. What a message must have besides (Date, Message-ID, From where no full name is known) is added by
/// <see cref="Intake"/>, as to all mail.
/// </summary>
internal sealed class SubmittedText : IDisposable
{
    private const int BlockOctets = 32 * 1024;

    private readonly ReadOnlyMemory<byte> _header;
    private readonly BodyText _body;
    private readonly bool _isEncoded;

    private SubmittedText(TextReading reading, TextRequest request)
    {
        _body = reading.Body;
        _isEncoded = MustEncode(reading.Header, _body, request.LongLines);
        _header = FinishedHeader.Make(reading.Header, _body, request, _isEncoded);
        Octets = CountOctets();
        HeaderRecipients = request.RecipientsFromHeader ? RecipientFields.Read(reading.Header) : [];
        HasFrom = reading.Header.Find("From"u8) is not null;
        NeedsSmtpUtf8 = !Ascii.IsValid(_header.Span);
        IsEightBit = NeedsSmtpUtf8 || (_body.IsEightBit && !_isEncoded);
    }

    /// <summary>Whom the header names (<c>-t</c>), in its order, nobody twice. Names without a domain are bare mailboxes.</summary>
    public IReadOnlyList<Mailbox> HeaderRecipients { get; }

    /// <summary>The message says who it is from.</summary>
    public bool HasFrom { get; }

    /// <summary>It has octets above 127: <c>BODY=8BITMIME</c> (RFC 6152).</summary>
    public bool IsEightBit { get; }

    /// <summary>Its header section has some: <c>SMTPUTF8</c> (RFC 6531). What the envelope needs is the envelope's to tell.</summary>
    public bool NeedsSmtpUtf8 { get; }

    /// <summary>How many octets <see cref="WriteTo"/> gives.</summary>
    public long Octets { get; }

    /// <summary>Reads the input to its end, or to the dot.</summary>
    /// <exception cref="SubmissionException">Exit code 65: no mail can be made of it. 74: it cannot be read. 75: there is no room for it.</exception>
    public static SubmittedText Read(Stream input, TextRequest request)
    {
        var reading = new TextReading(request);
        try
        {
            reading.Read(input);
            var text = new SubmittedText(reading, request);
            return request.MaxOctets > 0 && text.Octets > request.MaxOctets ? throw TextRefusals.TooLong(request.MaxOctets) : text;
        }
        catch
        {
            reading.Body.Dispose();
            throw;
        }
    }

    /// <summary>The message, piece by piece. It can be written as often as it is wanted.</summary>
    public void WriteTo(OctetSink output)
    {
        output(_header.Span);
        if (_isEncoded)
        {
            WriteEncoded(output);
            return;
        }

        for (long at = 0; at < _body.Octets.Length;)
        {
            ReadOnlySpan<byte> piece = _body.Octets.From(at);
            output(piece);
            at += piece.Length;
        }
    }

    public void Dispose() => _body.Dispose();

    private static bool MustEncode(HeaderSection header, BodyText body, LongLines longLines) =>
        longLines == LongLines.Encode
        && body.HasLongLine
        && MimeFields.AreOfPlainText(header)
        && !Signatures.AreIn(header)
        && !Signatures.AreIn(body.Octets);

    private void WriteEncoded(OctetSink output)
    {
        QuotedPrintable encoder = default;
        byte[] encoded = new byte[BlockOctets];
        for (long at = 0; at < _body.Octets.Length;)
        {
            ReadOnlySpan<byte> piece = _body.Octets.From(at);
            bool isRest = at + piece.Length == _body.Octets.Length;
            for (int done; (done = encoder.Encode(piece, isRest, encoded, out int written)) > 0; at += done)
            {
                output(encoded.AsSpan(0, written));
                piece = piece[done..];
            }
        }
    }

    private long CountOctets()
    {
        if (!_isEncoded)
        {
            return _header.Length + _body.Octets.Length;
        }

        long octets = _header.Length;
        WriteEncoded(encoded => octets += encoded.Length);
        return octets;
    }
}
