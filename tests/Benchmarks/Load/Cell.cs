namespace RelayProxy.Benchmarks.Load;

/// <summary>One row of the table: what is sent, by how many, how far.</summary>
/// <param name="Octets">Of a message.</param>
/// <param name="Clients">Programs that send at the same time.</param>
/// <param name="Reuse">A client keeps its connection for all its messages.</param>
/// <param name="LatencyMilliseconds">The smarthost holds back each group of replies for so long.</param>
/// <param name="Connections">To the smarthost at the same time.</param>
internal sealed record Cell(int Octets, int Clients, bool Reuse, int LatencyMilliseconds, int Connections)
{
    private const int Near = 0;
    private const int Many = 20;
    private const int Kilo = 1024;

    /// <summary>What there is a goal for: small mail from few and many, large mail, a smarthost some way off.</summary>
    public static IReadOnlyList<Cell> Quick { get; } =
    [
        new(4 * Kilo, 1, false, Near, Many), new(4 * Kilo, 10, false, Near, Many), new(4 * Kilo, 50, false, Near, Many),
        new(100 * Kilo, 10, false, Near, Many), new(4 * Kilo, 10, false, 20, 2), new(4 * Kilo, 10, false, 20, Many),
    ];

    /// <summary>
    /// Every size with every number of clients, keeping connections and not; and small mail to a smarthost far away, over few connections and
    /// many. Left out is what would say nothing of its own: with messages of 10 MB more clients than a few only fill the memory of whoever
    /// sends, and where the smarthost is far the clients make no difference.
    /// </summary>
    public static IReadOnlyList<Cell> Matrix { get; } =
    [
        .. from octets in new[] { Kilo, 4 * Kilo, 100 * Kilo }
           from clients in new[] { 1, 10, 50, 200 }
           from reuse in new[] { false, true }
           select new Cell(octets, clients, reuse, Near, Many),
        .. from clients in new[] { 1, 10 } select new Cell(10 * Kilo * Kilo, clients, false, Near, Many),
        .. from connections in new[] { 2, Many }
           from latency in new[] { 20, 100 }
           select new Cell(4 * Kilo, 10, false, latency, connections),
    ];
}
