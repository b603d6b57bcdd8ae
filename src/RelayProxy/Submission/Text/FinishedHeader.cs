using System.Buffers;
using RelayProxy.Intake;
using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Submission.Text;

/// <summary>
/// Makes the header section that is sent of the one that was read: warnings on top; the fields, but for those that would tell who got a blind copy;
/// then what is missing and nobody after us could know. Where nobody has signed it, letters and lines that not all mail may have are encoded and
/// folded; all else stays as it came.
/// </summary>
internal static class FinishedHeader
{
    /// <returns>With the empty line behind it.</returns>
    public static ReadOnlyMemory<byte> Make(HeaderSection header, BodyText body, TextRequest request, bool encode)
    {
        var output = new ArrayBufferWriter<byte>(header.Octets.Length + 512);
        foreach (string warning in request.Warnings)
        {
            WriteWarning(output, warning);
        }

        bool isSigned = Signatures.AreIn(header);
        bool fold = request.LongLines == LongLines.Encode && !isSigned;
        foreach (HeaderField field in header.Fields)
        {
            if (IsLeftOut(header, field, encode))
            {
                continue;
            }

            ReadOnlySpan<byte> octets = header.Octets.Slice(field.Start, field.Length);
            if (request.LongLines == LongLines.Refuse && LongHeaderLines.First(octets) is var offset and >= 0)
            {
                throw TextRefusals.LongLine(header.LineOf(field.Start + offset));
            }

            octets = isSigned ? octets : HeaderLetters.Encode(header, field);
            if (fold)
            {
                LongHeaderLines.Write(output, octets);
            }
            else
            {
                output.Write(octets);
            }
        }

        if (header.Find("From"u8) is null)
        {
            AuthorField.Write(output, request.FullName, request.Sender);
        }

        MimeFields.Write(output, header, body, encode);
        output.Write("\r\n"u8);
        return output.WrittenMemory;
    }

    private static bool IsLeftOut(HeaderSection header, HeaderField field, bool encode) =>
        header.IsNamed(field, "Bcc"u8)
        || header.IsNamed(field, "Resent-Bcc"u8)
        || (encode && header.IsNamed(field, MimeFields.TransferEncoding));

    private static void WriteWarning(IBufferWriter<byte> output, string warning)
    {
        var field = new FieldWriter(output, "X-Authentication-Warning");
        foreach (string word in Printable.Of(System.Text.Encoding.UTF8.GetBytes(warning)).Split(' '))
        {
            field.Word(word);
        }

        field.End();
    }
}
