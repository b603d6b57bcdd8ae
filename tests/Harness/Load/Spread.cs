using System.Globalization;

namespace RelayProxy.Harness.Load;

/// <summary>What several rounds of one measurement say together: the value in the middle, the least and the most.</summary>
internal readonly record struct Spread(double Median, double Least, double Most)
{
    /// <param name="values">At least one.</param>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return new Spread(sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, sorted[0], sorted[^1]);
    }

    /// <summary>The ratios of rounds that stood side by side: what troubles the machine for a while troubles both.</summary>
    public static Spread OfRatios(IEnumerable<double> ours, IEnumerable<double> theirs) => Of(ours.Zip(theirs, (our, their) => our / their));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Median:N1} ({Least:N1} to {Most:N1})");
}
