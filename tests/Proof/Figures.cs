using System.Globalization;
using RelayProxy.Harness;

namespace RelayProxy.Proof;

/// <summary>What the proofs measured, a line for each: printed by test.sh behind the tests, and kept in artifacts/figures.</summary>
internal static class Figures
{
    private static readonly Lock s_oneAtATime = new();

    /// <summary>Notes what one proof came to: <c>kill: cycles 10000, accepted 312455, lost 0</c>.</summary>
    /// <param name="proof">What was proved, in a few words.</param>
    /// <param name="figures">Name and value of each figure; a value with its unit where it is no plain count.</param>
    public static void Note(string proof, params (string Name, object Value)[] figures)
    {
        string line = $"{proof}: {string.Join(", ", figures.Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Name} {figure.Value}")))}\n";
        string folder = Directory.CreateDirectory(Repository.Path("artifacts", "figures")).FullName;
        lock (s_oneAtATime)
        {
            File.AppendAllText(Path.Combine(folder, Extent.Full ? "long.txt" : "brief.txt"), line);
        }
    }
}
