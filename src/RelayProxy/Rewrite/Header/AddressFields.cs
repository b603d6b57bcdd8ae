using System.Text;

namespace RelayProxy.Rewrite.Header;

/// <summary>The fields that hold addresses (RFC 5322 §3.6; the last three as in Postfix), and what these stand for.</summary>
internal static class AddressFields
{
    /// <summary><c>null</c>: the field is none of them.</summary>
    /// <param name="name">In any letter case.</param>
    public static AddressRole? RoleOf(ReadOnlySpan<byte> name)
    {
        // By length first: this is asked of every field of every message.
        return name.Length switch
        {
            2 => Is(name, "To"u8, AddressRole.Recipient) ?? Is(name, "Cc"u8, AddressRole.Recipient),
            3 => Is(name, "Bcc"u8, AddressRole.Recipient),
            4 => Is(name, "From"u8, AddressRole.Author),
            6 => Is(name, "Sender"u8, AddressRole.Author),
            8 => Is(name, "Reply-To"u8, AddressRole.ReplyTo),
            9 => Is(name, "Resent-To"u8, AddressRole.Recipient)
                ?? Is(name, "Resent-Cc"u8, AddressRole.Recipient)
                ?? Is(name, "Errors-To"u8, AddressRole.ReplyTo),
            10 => Is(name, "Resent-Bcc"u8, AddressRole.Recipient),
            11 => Is(name, "Resent-From"u8, AddressRole.Author),
            13 => Is(name, "Resent-Sender"u8, AddressRole.Author),
            15 => Is(name, "Resent-Reply-To"u8, AddressRole.ReplyTo),
            17 => Is(name, "Return-Receipt-To"u8, AddressRole.ReplyTo),
            27 => Is(name, "Disposition-Notification-To"u8, AddressRole.ReplyTo),
            _ => null,
        };
    }

    public static bool IsFrom(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(name, "From"u8);

    private static AddressRole? Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known, AddressRole role) =>
        Ascii.EqualsIgnoreCase(name, known) ? role : null;
}
