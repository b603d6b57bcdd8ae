using System.Globalization;

namespace RelayProxy.Benchmarks.Scale;

/// <summary>What is measured.</summary>
/// <param name="Backlogs">How long the queues are, from the shortest to the longest.</param>
/// <param name="Octets">Size of a message.</param>
/// <param name="Messages">In each measurement of a rate.</param>
/// <param name="Folder">Where the queue is; <c>null</c> for a temporary one. One that is there already is filled up.</param>
internal sealed record ScaleOptions(int[] Backlogs, int Octets = 1024, int Messages = 10_000, string? Folder = null)
{
    public const string Help = """
        scale: what a long queue costs, beside an empty one; one store is filled up step by step
          --messages 1000,10000,100000,1000000
          --octets 1024          size of a message
          --rate-of 10000        messages in each measurement of a rate
          --folder PATH          keep the queue there, and use the one that is there; temporary if left out
        """;

    /// <exception cref="FormatException">Not something that can be measured.</exception>
    public static ScaleOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new ScaleOptions([1000, 10_000, 100_000, 1_000_000]);
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string value = i + 1 < arguments.Length ? arguments[i + 1] : throw new FormatException($"{arguments[i]}: its value is missing");
            options = arguments[i] switch
            {
                "--messages" => options with { Backlogs = [.. value.Split(',').Select(Number).Order()] },
                "--octets" => options with { Octets = Number(value) },
                "--rate-of" => options with { Messages = Number(value) },
                "--folder" => options with { Folder = Path.GetFullPath(value) },
                _ => throw new FormatException($"{arguments[i]} is not known"),
            };
        }

        return options;
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
