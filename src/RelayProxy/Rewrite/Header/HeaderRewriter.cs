using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Rewrite.Header;

/// <summary>
/// Masquerades the addresses in a header section. Finds them where they stand and says which octets become which others; all that it
/// does not name stays as it came. A message in which nothing changes costs one look at each address and no memory.
/// </summary>
internal sealed class HeaderRewriter(SenderRewriter addresses)
{
    private const int MaxDomainOctets = 255;

    /// <summary><c>null</c> if nothing changes.</summary>
    /// <param name="content">At least the header section.</param>
    /// <param name="isReport">Of the relay's own reports only From is touched: it is to look as other mail from here does, and must
    /// not be refused for it. Whom a report is for is said as the original message said it.</param>
    public HeaderRewrite? Rewrite(ReadOnlySpan<byte> content, HeaderBlock header, bool isReport)
    {
        Changes? changes = null;
        foreach (HeaderField field in header.Fields)
        {
            ReadOnlySpan<byte> name = content.Slice(field.Start, field.NameLength);
            if (AddressFields.RoleOf(name) is not { } role || (isReport && !AddressFields.IsFrom(name)))
            {
                continue;
            }

            ReadOnlySpan<byte> value = content[field.ValueStart..field.End];
            if (AnyChange(value, role))
            {
                // Asked once: a header of ten thousand fields must not be looked through ten thousand times.
                changes ??= new Changes(
                    addresses, SignedFields.Of(content, header), mayAddReplyTo: !isReport && header.Find(content, "Reply-To"u8) is null);
                changes.Add(name, field, value, role);
            }
        }

        return changes?.Result();
    }

    /// <summary>A field's addresses one by one until one is to change.</summary>
    private bool AnyChange(ReadOnlySpan<byte> value, AddressRole role)
    {
        var scanner = new AddressListScanner(value);
        while (scanner.TryNext(out HeaderAddress address))
        {
            if (addresses.CompletesOnly && IsComplete(value[address.DomainStart..address.DomainEnd], role))
            {
                continue;
            }

            if (AddressText.Read(value, address) is { } mailbox
                && addresses.Rewritten(mailbox, role).Steps != RewriteSteps.None)
            {
                return true;
            }
        }

        return false;
    }

    private bool IsComplete(ReadOnlySpan<byte> domain, AddressRole role)
    {
        Span<char> letters = stackalloc char[MaxDomainOctets];
        if (domain.Length > letters.Length || Ascii.ToUtf16(domain, letters, out int length) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        return addresses.IsComplete(letters[..length].TrimEnd('.'), role);
    }

    /// <summary>What was found in one message.</summary>
    private sealed class Changes(SenderRewriter addresses, SignedFields signed, bool mayAddReplyTo)
    {
        private readonly List<FieldRewrite> _fields = [];
        private byte[] _replyTo = [];

        public HeaderRewrite Result() => new(_fields, _replyTo);

        public void Add(ReadOnlySpan<byte> name, HeaderField field, ReadOnlySpan<byte> value, AddressRole role)
        {
            bool mayGiveReplyTo = mayAddReplyTo && _replyTo.Length == 0 && AddressFields.IsFrom(name);
            var edits = new List<AddressEdit>();
            var editsBeforeForce = new List<AddressEdit>();
            RewriteSteps steps = RewriteSteps.None;
            var scanner = new AddressListScanner(value);
            while (scanner.TryNext(out HeaderAddress place))
            {
                Mailbox? before = AddressText.Read(value, place);
                RewrittenAddress? rewritten = before is null ? null : addresses.Rewrite(before, role);
                RewrittenAddress? forced = rewritten is { } address ? addresses.Forced(address, role) : null;
                if (mayGiveReplyTo)
                {
                    editsBeforeForce.Add(new AddressEdit(place, before, rewritten?.Address));
                }

                edits.Add(new AddressEdit(place, before, forced?.Address));
                steps |= forced?.Steps ?? RewriteSteps.None;
            }

            bool isKept = Stays(name);
            int column = field.ValueStart - field.Start;
            _fields.Add(new FieldRewrite(field, FieldSplicer.Splice(value, field.ValueStart, column, edits), steps, isKept));

            if (mayGiveReplyTo && steps.HasFlag(RewriteSteps.ForceSender) && !isKept && !Stays("Reply-To"u8))
            {
                _replyTo = ReplyTo(value, editsBeforeForce);
            }
        }

        private bool Stays(ReadOnlySpan<byte> name) => addresses.Options.SignedMail == SignedMail.Keep && signed.Cover(name);

        /// <summary>The whole of From, names, comments and folds included, as it would have been.</summary>
        private static byte[] ReplyTo(ReadOnlySpan<byte> value, List<AddressEdit> edits)
        {
            ReadOnlySpan<byte> name = "Reply-To:"u8;
            return [.. name, .. FieldSplicer.Apply(value, 0, FieldSplicer.Splice(value, 0, name.Length, edits))];
        }
    }
}
