using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Submission.Text;

/// <summary>
/// The text that a program handed to sendmail, made a message of: header section, empty line, body; CRLF line ends only, the last line ended. It
/// is not dot-stuffed. What a message must have besides (Date, Message-ID, From where no full name is known) is added by
/// <see cref="Intake"/>, as to all mail.
/// </summary>
internal sealed class SubmittedText : IDisposable
{
    private readonly ReadOnlyMemory<byte> _header;
    private readonly BodyText _body;

    private SubmittedText(ReadOnlyMemory<byte> header, BodyText body)
    {
        _header = header;
        _body = body;
    }

    /// <summary>Whom the header names (<c>-t</c>), in its order, nobody twice. Names without a domain are bare mailboxes.</summary>
    public IReadOnlyList<Mailbox> HeaderRecipients { get; private init; } = [];

    /// <summary>The message says who it is from.</summary>
    public bool HasFrom { get; private init; }

    /// <summary>It has octets above 127: <c>BODY=8BITMIME</c> (RFC 6152).</summary>
    public bool IsEightBit { get; private init; }

    /// <summary>Its header section has some: <c>SMTPUTF8</c> (RFC 6531). What the envelope needs is the envelope's to tell.</summary>
    public bool NeedsSmtpUtf8 { get; private init; }

    /// <summary>How many octets <see cref="WriteTo"/> gives.</summary>
    public long Octets => _header.Length + _body.Octets.Length;

    /// <summary>Reads the input to its end, or to the dot.</summary>
    /// <exception cref="SubmissionException">Exit code 65: no mail can be made of it. 74: it cannot be read. 75: there is no room for it.</exception>
    public static SubmittedText Read(Stream input, TextRequest request)
    {
        var reading = new TextReading(request);
        try
        {
            reading.Read(input);
            byte[] header = HeaderEdits.Apply(reading.Header, request);
            var text = new SubmittedText(header, reading.Body)
            {
                HasFrom = reading.Header.Find("From"u8) is not null,
                IsEightBit = reading.Body.IsEightBit || !Ascii.IsValid(header),
                NeedsSmtpUtf8 = !Ascii.IsValid(header),
            };
            return request.MaxOctets > 0 && text.Octets > request.MaxOctets ? throw TextReading.TooLong(request.MaxOctets) : text;
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
        for (long at = 0; at < _body.Octets.Length;)
        {
            ReadOnlySpan<byte> piece = _body.Octets.From(at);
            output(piece);
            at += piece.Length;
        }
    }

    public void Dispose() => _body.Dispose();
}
