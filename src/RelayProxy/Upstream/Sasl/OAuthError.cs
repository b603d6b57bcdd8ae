using System.Text.Json;

namespace RelayProxy.Upstream.Sasl;

/// <summary>The JSON with which a server explains that it will not take a token (RFC 7628 §3.2.2; Google and Microsoft do the same for
/// XOAUTH2), reduced to what helps an operator: status and scope.</summary>
internal static class OAuthError
{
    private const int MaxLetters = 120;

    /// <summary>One line, printable ASCII. The token is taken out, should a server be so kind as to repeat it.</summary>
    public static string Describe(ReadOnlySpan<byte> json, string accessToken)
    {
        string? status = null, scope = null;
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
            while (reader.Read())
            {
                if (reader is not { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 })
                {
                    continue;
                }

                string? name = reader.GetString();
                reader.Read();
                switch (name)
                {
                    case "status": status ??= Value(ref reader); break;
                    case "scope": scope ??= Value(ref reader); break;
                    default: reader.Skip(); break;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or not text inside it: the 535 that follows has to do.
        }

        string text = status is null ? "the token was refused without a status" : $"the token was refused: status {Clean(status, accessToken)}";
        return scope is null ? text : $"{text}, scope {Clean(scope, accessToken)}";
    }

    private static string? Value(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String: return reader.GetString();
            case JsonTokenType.Number: return reader.TryGetInt32(out int number) ? number.ToString(System.Globalization.CultureInfo.InvariantCulture) : null;
            default: reader.Skip(); return null;
        }
    }

    private static string Clean(string value, string accessToken)
    {
        if (accessToken.Length > 0)
        {
            value = value.Replace(accessToken, "(token)", StringComparison.Ordinal);
        }

        value = value.Length > MaxLetters ? value[..MaxLetters] : value;
        return string.Create(value.Length, value, static (span, value) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = value[i] is >= ' ' and <= '~' ? value[i] : '?';
            }
        });
    }
}
