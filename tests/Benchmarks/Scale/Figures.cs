using System.Globalization;

namespace RelayProxy.Benchmarks.Scale;

/// <summary>The table: a line for each figure, a column for each length of the queue.</summary>
internal sealed class Figures
{
    private readonly List<string> _columns = [];
    private readonly List<(string Group, string Name, List<double> Values, string Format)> _lines = [];

    public void Column(string name)
    {
        _columns.Add(name);
        Console.WriteLine($"-- {name}");
    }

    /// <summary>Adds a figure to the latest column.</summary>
    /// <param name="format">How a value is written.</param>
    /// <param name="group">Tells lines of the same name apart.</param>
    public void Add(string name, double value, string format = "N1", string group = "")
    {
        int line = _lines.FindIndex(line => line.Name == name && line.Group == group);
        if (line < 0)
        {
            line = _lines.Count;
            _lines.Add((group, name, [], format));
        }

        List<double> values = _lines[line].Values;
        values.AddRange(Enumerable.Repeat(double.NaN, _columns.Count - 1 - values.Count));
        values.Add(value);
        Console.WriteLine($"   {name}: {value.ToString(format, CultureInfo.InvariantCulture)}");
    }

    public void Print()
    {
        const int name = 44, column = 12;
        Console.WriteLine();
        Console.WriteLine("queued".PadRight(name) + string.Concat(_columns.Select(text => text.PadLeft(column))));
        foreach ((_, string label, List<double> values, string format) in _lines)
        {
            Console.WriteLine(label.PadRight(name) + string.Concat(values.Select(
                value => (double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture)).PadLeft(column))));
        }
    }
}
