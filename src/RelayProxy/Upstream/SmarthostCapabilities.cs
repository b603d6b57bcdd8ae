using System.Globalization;
using RelayProxy.Smtp;

namespace RelayProxy.Upstream;

/// <summary>What the smarthost offered in its EHLO reply (RFC 5321 §4.1.1.1). A setting may take something away, never add: nothing is
/// used that was not offered.</summary>
internal sealed class SmarthostCapabilities
{
    private readonly Dictionary<string, string> _offers = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _authMechanisms = [];

    private SmarthostCapabilities()
    {
    }

    /// <summary>After HELO, or before any greeting.</summary>
    public static SmarthostCapabilities None { get; } = new();

    public bool Pipelining => Offers("PIPELINING");

    public bool EightBitMime => Offers("8BITMIME");

    public bool SmtpUtf8 => Offers("SMTPUTF8");

    public bool Chunking => Offers("CHUNKING");

    public bool Dsn => Offers("DSN");

    public bool StartTls => Offers("STARTTLS");

    /// <summary>SIZE may be said with MAIL.</summary>
    public bool Size => Offers("SIZE");

    /// <summary>The largest message it takes, in octets; <c>null</c> where it names no bound: no SIZE, <c>SIZE</c>, <c>SIZE 0</c>
    /// (RFC 1870 §4).</summary>
    public long? MaxMessageOctets { get; private set; }

    /// <summary>From <c>AUTH</c>, and from <c>AUTH=</c>, which servers say to clients older than RFC 2554.</summary>
    public IReadOnlyList<string> AuthMechanisms => _authMechanisms;

    /// <summary>Every keyword with its parameters, as it came.</summary>
    public IEnumerable<string> Keywords =>
        _offers.Select(offer => offer.Value.Length == 0 ? offer.Key : $"{offer.Key} {offer.Value}");

    /// <param name="ehlo">The first line is a greeting, each further line a keyword and its parameters.</param>
    /// <param name="disable">Keywords to overlook.</param>
    public static SmarthostCapabilities Parse(SmtpReply ehlo, IEnumerable<string> disable)
    {
        var capabilities = new SmarthostCapabilities();
        foreach (string line in ehlo.Text.Split('\n').Skip(1))
        {
            capabilities.Add(line.Trim());
        }

        foreach (string keyword in disable)
        {
            capabilities.Remove(keyword.Trim());
        }

        return capabilities;
    }

    private bool Offers(string keyword) => _offers.ContainsKey(keyword);

    private void Add(string line)
    {
        int end = line.AsSpan().IndexOfAny(' ', '=');
        string keyword = end < 0 ? line : line[..end];
        string parameters = end < 0 ? "" : line[(end + 1)..].Trim();
        if (keyword.Length == 0)
        {
            return;
        }

        if (keyword.Equals("AUTH", StringComparison.OrdinalIgnoreCase))
        {
            foreach (string mechanism in parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!_authMechanisms.Contains(mechanism, StringComparer.OrdinalIgnoreCase))
                {
                    _authMechanisms.Add(mechanism);
                }
            }
        }

        if (keyword.Equals("SIZE", StringComparison.OrdinalIgnoreCase)
            && long.TryParse(parameters, NumberStyles.None, CultureInfo.InvariantCulture, out long octets) && octets > 0)
        {
            MaxMessageOctets = octets;
        }

        _offers.TryAdd(keyword, parameters);
    }

    private void Remove(string keyword)
    {
        _offers.Remove(keyword);
        if (keyword.Equals("AUTH", StringComparison.OrdinalIgnoreCase))
        {
            _authMechanisms.Clear();
        }

        if (keyword.Equals("SIZE", StringComparison.OrdinalIgnoreCase))
        {
            MaxMessageOctets = null;
        }
    }
}
