using System.Net;
using System.Text;
using System.Text.Json;

namespace RelayProxy.Proof.Privilege;

/// <summary>
/// Looks for secrets in what a program has printed or stored: as they are, cut short, and in each encoding that a log, a database or the wire may have given
/// them, line breaks of MIME and letter case notwithstanding.
/// </summary>
internal sealed class SecretSearch
{
    /// <summary>A piece of so many letters, from either end, is too much.</summary>
    private const int Piece = 10;

    private readonly List<Needle> _needles = [];

    /// <param name="secrets">Name and text, ASCII, of 16 letters at least: shorter ones stand somewhere by chance.</param>
    public SecretSearch(IEnumerable<(string Name, string Text)> secrets)
    {
        foreach ((string name, string text) in secrets)
        {
            _needles.AddRange(Forms(text).Select(form => new Needle($"{name} {form.Name}", form.Octets, form.IsAnyCase)));
        }
    }

    /// <summary>How many forms are looked for, of all secrets together.</summary>
    public int Count => _needles.Count;

    /// <summary>Which secret stands there, and in which form.</summary>
    public IEnumerable<string> FindIn(byte[] octets)
    {
        byte[] joined = Joined(octets);
        byte[][] exact = [octets, joined];
        byte[][] anyCase = [Lower(octets), Lower(joined)];
        return _needles
            .Where(needle => (needle.IsAnyCase ? anyCase : exact).Any(view => view.AsSpan().IndexOf(needle.Octets) >= 0))
            .Select(needle => needle.What);
    }

    private static IEnumerable<(string Name, byte[] Octets, bool IsAnyCase)> Forms(string text)
    {
        byte[] octets = Encoding.ASCII.GetBytes(text);
        string hex = Convert.ToHexString(octets);
        IEnumerable<string> pairs = hex.Chunk(2).Select(pair => new string(pair));
        (string Name, string Text)[] anyCase =
        [
            ("plain", text),
            ("cut at the end", text[..Piece]),
            ("cut at the beginning", text[^Piece..]),
            ("reversed", new string([.. text.Reverse()])),
            ("hex", hex),
            ("hex with colons", string.Join(':', pairs)),
            ("hex with hyphens", string.Join('-', pairs)),
            ("percent", string.Concat(pairs.Select(pair => "%" + pair))),
            ("percent where it must", Uri.EscapeDataString(text)),
            ("quoted-printable", string.Concat(pairs.Select(pair => "=" + pair))),
            ("quoted-printable where it must", text.Replace("=", "=3D", StringComparison.Ordinal)),
            ("xtext where it must", text.Replace("+", "+2B", StringComparison.Ordinal).Replace("=", "+3D", StringComparison.Ordinal)),
            ("JSON", string.Concat(pairs.Select(pair => "\\u00" + pair))),
            ("JSON where .NET must", JsonEncodedText.Encode(text).ToString()),
            ("JSON where it must", text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)),
            ("HTML", WebUtility.HtmlEncode(text)),
        ];
        return anyCase.Select(form => (form.Name, Lower(Encoding.ASCII.GetBytes(form.Text)), true))
            .Append(("UTF-16LE", Lower(Encoding.Unicode.GetBytes(text)), true))
            .Append(("UTF-16BE", Lower(Encoding.BigEndianUnicode.GetBytes(text)), true))
            .Concat(Enumerable.Range(0, 3).SelectMany(before => Base64(octets, before)));
    }

    /// <summary>What base64 makes of it wherever it stands among other octets: but for the letters at both ends, which its neighbours have a part in.</summary>
    private static IEnumerable<(string Name, byte[] Octets, bool IsAnyCase)> Base64(byte[] secret, int before)
    {
        byte[] octets = [.. new byte[before], .. secret];
        string core = Convert.ToBase64String(octets)[(((before * 8) + 5) / 6)..(octets.Length * 8 / 6)];
        yield return ($"base64 behind {before}", Encoding.ASCII.GetBytes(core), false);
        yield return ($"base64url behind {before}", Encoding.ASCII.GetBytes(core.Replace('+', '-').Replace('/', '_')), false);
    }

    /// <summary>Without line ends, those of quoted-printable and of folded fields included.</summary>
    private static byte[] Joined(byte[] octets)
    {
        var joined = new List<byte>(octets.Length);
        for (int i = 0; i < octets.Length; i++)
        {
            bool isSoft = octets[i] == '=' && i + 1 < octets.Length && octets[i + 1] is (byte)'\r' or (byte)'\n';
            if (!isSoft && octets[i] is not ((byte)'\r' or (byte)'\n' or (byte)'\t' or (byte)' '))
            {
                joined.Add(octets[i]);
            }
        }

        return [.. joined];
    }

    private static byte[] Lower(byte[] octets) => Array.ConvertAll(octets, octet => octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet + 32) : octet);

    private sealed record Needle(string What, byte[] Octets, bool IsAnyCase);
}
