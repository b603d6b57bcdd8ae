using System.Buffers;
using RelayProxy.Mail;

namespace RelayProxy.Submission.Text;

/// <summary>Makes the header section that is sent of the one that was read.</summary>
internal static class HeaderEdits
{
    public static byte[] Apply(HeaderSection header, TextRequest request)
    {
        var output = new ArrayBufferWriter<byte>(header.Octets.Length + 256);
        foreach (HeaderField field in header.Fields)
        {
            if (!header.IsNamed(field, "Bcc"u8) && !header.IsNamed(field, "Resent-Bcc"u8))
            {
                output.Write(header.Octets.Slice(field.Start, field.Length));
            }
        }

        output.Write("\r\n"u8);
        return output.WrittenSpan.ToArray();
    }
}
