using System.Globalization;

namespace RelayProxy.Proof;

/// <summary>Where chance begins: another place in every run, told where a proof fails; TEST_SEED puts it there again.</summary>
internal static class Seed
{
    public static int First { get; } = int.TryParse(Environment.GetEnvironmentVariable("TEST_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out int seed)
        ? seed
        : Random.Shared.Next(1_000_000_000);
}
