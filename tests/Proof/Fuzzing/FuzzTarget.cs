using System.Text;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Fuzzing;

/// <summary>Something that reads what strangers wrote.</summary>
/// <param name="Seeds">Inputs it is made for, one octet a letter.</param>
/// <param name="Words">What means something to it, by blanks.</param>
/// <param name="Try">Has it read an input; throws where it did not do as it promises. What it returns tells one way of going from another: an
/// input that leads where none has led is kept, and changed further.</param>
internal sealed record FuzzTarget(string[] Seeds, string Words, Func<byte[], string> Try)
{
    private static readonly string[] s_common = ["\r\n", "\n", "\r", " ", "\t", "\0", "\u00c3\u00bc", "\u00ff", "\u00ed\u00a0\u0080", "\u00e2\u0080\u00a8"];

    public IReadOnlyList<byte[]> WordOctets => [.. Words.Split(' ').Concat(s_common).Select(Sequences.Octets)];

    /// <summary>The seeds, and every input that has ever found something (tests/Proof/Fuzzing/Finds, a file each).</summary>
    public IEnumerable<byte[]> Inputs(string name)
    {
        string finds = Repository.Path("tests", "Proof", "Fuzzing", "Finds");
        return Seeds.Select(Encoding.Latin1.GetBytes).Concat(
            Directory.Exists(finds) ? Directory.EnumerateFiles(finds, $"{name.Replace(' ', '-')}-*").Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : []);
    }
}
