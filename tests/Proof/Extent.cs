namespace RelayProxy.Proof;

/// <summary>How far a proof goes: briefly in every test run, in full where <c>./test.sh --long</c> asks for it, which takes hours.</summary>
internal static class Extent
{
    /// <summary>Whether this is the long run.</summary>
    public static bool Full { get; } = Environment.GetEnvironmentVariable("TEST_LONG") is "1";

    /// <summary>How often, or how many: so many in every run, so many in the long one.</summary>
    public static int Of(int brief, int full) => Full ? full : brief;
}
