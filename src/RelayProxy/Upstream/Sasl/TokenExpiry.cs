using System.Buffers.Text;
using System.Text.Json;

namespace RelayProxy.Upstream.Sasl;

/// <summary>When an access token expires, where it says so itself: as a JSON Web Token does (RFC 7519 §4.1.4; Microsoft's are), and Google's do
/// not. It is read as a hint for people who watch, and no decision rests on it: the signature is the smarthost's to check.</summary>
internal static class TokenExpiry
{
    /// <summary>9999-12-31T23:59:59Z, in seconds since 1970.</summary>
    private const double Latest = 253402300799;

    /// <summary><c>null</c> if it does not tell.</summary>
    public static DateTimeOffset? Of(string accessToken)
    {
        string[] parts = accessToken.Split('.');
        try
        {
            return parts.Length == 3 ? ExpiryOf(Base64Url.DecodeFromChars(parts[1])) : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static DateTimeOffset? ExpiryOf(ReadOnlySpan<byte> claims)
    {
        var reader = new Utf8JsonReader(claims);
        while (reader.Read())
        {
            if (reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 } && reader.ValueTextEquals("exp"u8))
            {
                reader.Read();
                return reader.TryGetDouble(out double seconds) && seconds is >= 0 and <= Latest ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null;
            }
        }

        return null;
    }
}
