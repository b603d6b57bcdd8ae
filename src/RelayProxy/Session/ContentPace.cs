namespace RelayProxy.Session;

/// <summary>How fast a message comes in. Only waiting for the client counts, not what the store takes.</summary>
internal struct ContentPace
{
    /// <summary>A message may start slowly.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromMinutes(1);

    public TimeSpan Waited { get; set; }

    /// <summary>As they stood on the wire.</summary>
    public long Octets { get; set; }

    public readonly bool IsBelow(int octetsPerSecond) => Octets < (Waited - s_grace).TotalSeconds * octetsPerSecond;
}
