using System.Buffers;
using RelayProxy.Mail;

namespace RelayProxy.Intake;

/// <summary>
/// <c>X-Original-To</c>, one field for each recipient that the client gave, where all mail is redirected to one address
/// (<c>Rewrite:RedirectAllTo</c>). It shows blind copies, too: whoever tests wants to see them.
/// </summary>
internal static class OriginalToFields
{
    public static void Write(IBufferWriter<byte> output, IReadOnlyList<Mailbox> recipients)
    {
        foreach (Mailbox recipient in recipients)
        {
            var field = new FieldWriter(output, "X-Original-To");
            field.Word(recipient.ToString());
            field.End();
        }
    }
}
