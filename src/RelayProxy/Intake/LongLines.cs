namespace RelayProxy.Intake;

/// <summary>What becomes of a message with lines of more than 998 octets, which RFC 5322 §2.1.1 forbids and smarthosts break or refuse. Only
/// mail that a program hands to the sendmail command is looked at; what comes by SMTP is kept as it is.</summary>
internal enum LongLines
{
    /// <summary>Text of one part that is not signed becomes quoted-printable (RFC 2045 §6.7); anything else is kept.</summary>
    Encode,

    Keep,

    /// <summary>Exit 65, EX_DATAERR.</summary>
    Refuse,
}
