using System.Globalization;
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
    private const string FirstLine = "relayproxy-sendmail 1";

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
        SystemCalls.ReadFile(path, MostOctets) is { Length: > 0 } octets ? Parse(Encoding.UTF8.GetString(octets)) : null;

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static SubmissionDigest? Parse(string text)
    {
        string[] lines = text.Split('\n');
        if (lines[0] != FirstLine || lines[^1].Length > 0)
        {
            return null;
        }

        var endpoints = new List<RelayEndpoint>();
        var trusted = new List<string>();
        string hostName = "localhost";
        LongLines longLines = default;
        long mostOctets = 0;
        foreach (string line in lines)
        {
            int blank = line.IndexOf(' ');
            string value = line[(blank + 1)..];
            switch (blank < 0 ? "" : line[..blank])
            {
                case "host":
                    hostName = value;
                    break;
                case "long-lines":
                    longLines = value == nameof(LongLines.Keep) ? LongLines.Keep : value == nameof(LongLines.Refuse) ? LongLines.Refuse : LongLines.Encode;
                    break;
                case "max-octets":
                    _ = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out mostOctets);
                    break;
                case "trusted":
                    trusted.Add(value);
                    break;
                case "endpoint":
                    int second = value.LastIndexOf(' ');
                    endpoints.Add(new RelayEndpoint(value[..second], FromHex(value.AsSpan(second + 1))));
                    break;
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
    private static byte[] FromHex(ReadOnlySpan<char> digits)
    {
        byte[] octets = new byte[digits.Length / 2];
        for (int i = 0; i < 2 * octets.Length; i++)
        {
            octets[i / 2] = (byte)((octets[i / 2] << 4) | (char.IsAsciiDigit(digits[i]) ? digits[i] - '0' : (digits[i] & ~0x20) - 'A' + 10));
        }

        return octets;
    }

    /// <summary>As it stands in the file.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(FirstLine).Append('\n');
        Add("host", HostName);
        Add("long-lines", LongLines.ToString());
        Add("max-octets", MaxMessageOctets.ToString(CultureInfo.InvariantCulture));
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
