using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Rewrite.Header;

/// <summary>The names of the fields that the message's DKIM signatures cover (RFC 6376 §3.5, the tag <c>h=</c>), whether such a field is
/// there or not: to add one that was signed as missing breaks a signature as well.</summary>
internal sealed class SignedFields
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    private SignedFields()
    {
    }

    public static SignedFields Of(ReadOnlySpan<byte> content, HeaderBlock header)
    {
        var signed = new SignedFields();
        foreach (HeaderField field in header.Fields)
        {
            if (HeaderBlock.IsNamed(content, field, "DKIM-Signature"u8))
            {
                signed.Add(Encoding.Latin1.GetString(content[field.ValueStart..field.End]));
            }
        }

        return signed;
    }

    public bool Cover(ReadOnlySpan<byte> name) => _names.Count > 0 && _names.Contains(Encoding.Latin1.GetString(name));

    // tag-list = tag-spec *( ";" tag-spec ) [ ";" ],  tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
    // sig-h-tag-value = hdr-name *( [FWS] ":" [FWS] hdr-name )
    private void Add(string tags)
    {
        foreach (string tag in tags.Split(';'))
        {
            int equals = tag.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && tag.AsSpan(0, equals).Trim() is "h")
            {
                _names.UnionWith(tag[(equals + 1)..].Split(':', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            }
        }
    }
}
