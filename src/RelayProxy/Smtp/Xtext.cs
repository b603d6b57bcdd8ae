namespace RelayProxy.Smtp;

/// <summary>The encoding of RFC 3461 §4: printable ASCII as it is, all else (and <c>+</c>, <c>=</c>) as <c>+HH</c>, upper case.</summary>
internal static class Xtext
{
    public static string Encode(ReadOnlySpan<char> text) => throw new NotImplementedException();

    /// <summary>False for what is not xtext, and for encoded control characters.</summary>
    public static bool TryDecode(ReadOnlySpan<char> xtext, out string text) => throw new NotImplementedException();
}
