using System.Globalization;

namespace RelayProxy.Proof;

/// <summary>
/// Where chance begins: in a brief run always at the same place, so that it judges the change and not the day; in a long one at another each time, told
/// where a proof fails. TEST_SEED puts it anywhere.
/// </summary>
internal static class Seed
{
    public static int First { get; } = int.TryParse(Environment.GetEnvironmentVariable("TEST_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out int seed)
        ? seed
        : Extent.Full ? Random.Shared.Next(1_000_000_000) : 1;
}
