namespace RelayProxy.Smtp;

/// <summary>
/// The parameters behind the path of MAIL and RCPT: <c>SP esmtp-keyword ["=" esmtp-value]</c> (RFC 5321 §4.1.2). Order is kept;
/// keywords are compared without regard to case.
/// </summary>
internal static class SmtpParameters
{
    /// <summary>Splits <paramref name="text"/> (what follows the closing bracket, leading blanks allowed). False if it does not fit the
    /// grammar; a keyword that comes twice does not fit either.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, bool allowUtf8, List<SmtpParameter> parameters) => throw new NotImplementedException();
}

/// <param name="Keyword">In upper case.</param>
/// <param name="Value"><c>null</c> where there was no <c>=</c>.</param>
internal readonly record struct SmtpParameter(string Keyword, string? Value);
