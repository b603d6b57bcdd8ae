using System.Text;
using RelayProxy.Intake;

namespace RelayProxy.Submission.Handing;

/// <summary>
/// What a sendmail has to know of a relay that runs: the few facts that the relay leaves in its run-time folder, so that not each message costs
/// a reading of the whole configuration, which its sender may not even be allowed to read.
/// </summary>
internal sealed class SubmissionDigest
{
    /// <summary>Beside the relay's other run-time files.</summary>
    public const string FileName = "sendmail";

    /// <summary>Where a service manager has the relay leave it.</summary>
    public const string UsualPath = "/run/relayproxy/" + FileName;

    /// <summary>Changes with the meaning of what follows.</summary>
    private static ReadOnlySpan<byte> FirstLine => "relayproxy-sendmail 1"u8;

    private const int MostOctets = 64 * 1024;

    /// <summary>In the order in which they are to be tried.</summary>
    public required IReadOnlyList<RelayEndpoint> Endpoints { get; init; }

    /// <summary>What the relay calls itself.</summary>
    public required string HostName { get; init; }

    public LongLines LongLines { get; init; }

    /// <summary>In octets; 0: no bound.</summary>
    public long MaxMessageOctets { get; init; }

    public required IReadOnlyList<string> TrustedUsers { get; init; }

    /// <summary><c>null</c> if there is none, or none of this version.</summary>
    public static SubmissionDigest? Read(string path) =>
        SystemCalls.ReadFile(path, MostOctets) is { Length: > 0 } octets ? Parse(octets) : null;

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static SubmissionDigest? Parse(ReadOnlySpan<byte> text)
    {
        if (!text.EndsWith((byte)'\n') || !Pieces.TryTake(ref text, (byte)'\n', out ReadOnlySpan<byte> first) || !first.SequenceEqual(FirstLine))
        {
            return null;
        }

        var endpoints = new List<RelayEndpoint>();
        var trusted = new List<string>();
        string hostName = "localhost";
        LongLines longLines = default;
        long mostOctets = 0;
        while (Pieces.TryTake(ref text, (byte)'\n', out ReadOnlySpan<byte> value))
        {
            Pieces.TryTake(ref value, (byte)' ', out ReadOnlySpan<byte> name);
            if (name.SequenceEqual("host"u8))
            {
                hostName = Encoding.UTF8.GetString(value);
            }
            else if (name.SequenceEqual("long-lines"u8))
            {
                longLines = value.SequenceEqual("Keep"u8) ? LongLines.Keep : value.SequenceEqual("Refuse"u8) ? LongLines.Refuse : LongLines.Encode;
            }
            else if (name.SequenceEqual("max-octets"u8))
            {
                Pieces.TryNumber(value, out mostOctets);
            }
            else if (name.SequenceEqual("trusted"u8))
            {
                trusted.Add(Encoding.UTF8.GetString(value));
            }
            else if (name.SequenceEqual("endpoint"u8))
            {
                int blank = value.LastIndexOf((byte)' ');
                endpoints.Add(new RelayEndpoint(Encoding.UTF8.GetString(value[..blank]), FromHex(value[(blank + 1)..])));
            }
        }

        return new SubmissionDigest
        {
            Endpoints = endpoints,
            HostName = hostName,
            LongLines = longLines,
            MaxMessageOctets = mostOctets,
            TrustedUsers = trusted,
        };
    }

    /// <summary>As <see cref="Convert.FromHexString(string)"/>, which has to be compiled before it can be used.</summary>
    private static byte[] FromHex(ReadOnlySpan<byte> digits)
    {
        byte[] octets = new byte[digits.Length / 2];
        for (int i = 0; i < 2 * octets.Length; i++)
        {
            octets[i / 2] = (byte)((octets[i / 2] << 4) | (char.IsAsciiDigit((char)digits[i]) ? digits[i] - '0' : (digits[i] & ~0x20) - 'A' + 10));
        }

        return octets;
    }

    /// <summary>As it stands in the file.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(Encoding.UTF8.GetString(FirstLine)).Append('\n');
        Add("host", HostName);
        Add("long-lines", LongLines.ToString());
        Add("max-octets", Pieces.Digits(MaxMessageOctets));
        foreach (string user in TrustedUsers)
        {
            Add("trusted", user);
        }

        foreach (RelayEndpoint endpoint in Endpoints)
        {
            Add("endpoint", $"{endpoint.Text} {Convert.ToHexString(endpoint.Address)}");
        }

        return text.ToString();

        void Add(string name, string value) => text.Append(name).Append(' ').Append(value).Append('\n');
    }
}
