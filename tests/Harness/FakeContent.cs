namespace RelayProxy.Harness;

/// <summary>Message content as it comes over the wire: a reference reader, an octet at a time, for comparison with cleverer ones.</summary>
internal sealed class FakeContent
{
    private readonly List<byte> _wire = [];
    private int _matched = 2; // of CR LF . CR LF: content starts at the start of a line

    public bool IsComplete => _matched == 5;

    public long Octets => _wire.Count;

    /// <summary>Takes octets up to the final dot, and says how many.</summary>
    public int Append(ReadOnlySpan<byte> octets)
    {
        for (int i = 0; i < octets.Length; i++)
        {
            byte octet = octets[i];
            _wire.Add(octet);
            _matched = (_matched, octet) switch
            {
                (3, (byte)'\r') => 4,
                (_, (byte)'\r') => 1,
                (1, (byte)'\n') => 2,
                (2, (byte)'.') => 3,
                (4, (byte)'\n') => 5,
                _ => 0,
            };
            if (IsComplete)
            {
                return i + 1;
            }
        }

        return octets.Length;
    }

    public byte[] ToArray() => [.. _wire];

    /// <summary>Takes away the final dot and the first dot of every line that begins with one.</summary>
    public static byte[] Unstuff(byte[] wire)
    {
        var content = new List<byte>(wire.Length);
        bool lineStart = true;
        for (int i = 0; i < wire.Length - 3; i++)
        {
            if (!(lineStart && wire[i] == '.'))
            {
                content.Add(wire[i]);
            }

            lineStart = wire[i] == '\n' && i > 0 && wire[i - 1] == '\r';
        }

        return [.. content];
    }

    /// <summary>Reports every CR without LF and LF without CR.</summary>
    public static void Check(byte[] wire, Action<string> report)
    {
        for (int i = 0; i < wire.Length; i++)
        {
            if (wire[i] == '\n' && (i == 0 || wire[i - 1] != '\r'))
            {
                report($"A bare LF at octet {i} of the content.");
            }

            if (wire[i] == '\r' && (i == wire.Length - 1 || wire[i + 1] != '\n'))
            {
                report($"A bare CR at octet {i} of the content.");
            }
        }
    }
}
