using System.Diagnostics.CodeAnalysis;

namespace RelayProxy.Upstream.Sasl;

/// <summary>The form of all SCRAM messages: <c>a=value,b=value</c>, in a fixed order (RFC 5802 §5.1, §7).</summary>
internal static class ScramAttributes
{
    /// <param name="index">Which place the attribute has to stand at, from 0.</param>
    /// <param name="attribute">With its equals sign: <c>r=</c>.</param>
    public static bool TryTake(string message, int index, string attribute, [NotNullWhen(true)] out string? value)
    {
        string[] parts = message.Split(',');
        value = index < parts.Length && parts[index].StartsWith(attribute, StringComparison.Ordinal) ? parts[index][attribute.Length..] : null;
        return value is not null;
    }

    /// <summary>Empty for what is not base64: no salt and no signature is.</summary>
    public static byte[] FromBase64(string text)
    {
        byte[] octets = new byte[text.Length];
        return Convert.TryFromBase64String(text, octets, out int length) ? octets[..length] : [];
    }
}
