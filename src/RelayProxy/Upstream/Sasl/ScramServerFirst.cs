using System.Globalization;

namespace RelayProxy.Upstream.Sasl;

/// <summary>The server's first message: <c>r=</c>nonce<c>,s=</c>salt<c>,i=</c>iterations, then extensions that may be passed over (RFC 5802 §7).</summary>
/// <param name="Nonce">Ours, and more behind it.</param>
internal readonly record struct ScramServerFirst(string Nonce, byte[] Salt, int Iterations)
{
    /// <summary>Far above what anyone uses (4,096 to some 100,000) and about half a second of work: a server that asks for 2^31 is
    /// not going to be obeyed.</summary>
    public const int MaxIterations = 1_000_000;

    private const int MaxSaltOctets = 1024;

    /// <param name="mechanism">For the words of a complaint.</param>
    /// <exception cref="SaslException">It is malformed, asks too much, or answers somebody else.</exception>
    public static ScramServerFirst Read(string message, string ourNonce, string mechanism)
    {
        if (!ScramAttributes.TryTake(message, 0, "r=", out string? nonce)
            || !ScramAttributes.TryTake(message, 1, "s=", out string? salt)
            || !ScramAttributes.TryTake(message, 2, "i=", out string? count))
        {
            throw new SaslException($"the smarthost's first {mechanism} message is malformed, or needs an extension");
        }

        if (nonce.Length <= ourNonce.Length || !nonce.StartsWith(ourNonce, StringComparison.Ordinal) || nonce.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e'))
        {
            throw new SaslException($"the smarthost's {mechanism} nonce does not extend ours");
        }

        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int iterations) || iterations is < 1 or > MaxIterations)
        {
            throw new SaslException($"the smarthost asks for a {mechanism} iteration count outside 1 to {MaxIterations}");
        }

        byte[] saltOctets = ScramAttributes.FromBase64(salt);
        return saltOctets.Length is > 0 and <= MaxSaltOctets
            ? new ScramServerFirst(nonce, saltOctets, iterations)
            : throw new SaslException($"the smarthost's {mechanism} salt is empty, too long or not base64");
    }
}
