using System.Collections.Concurrent;
using System.Text;

namespace RelayProxy.Proof.Privilege;

/// <summary>All that a relay has printed, stored and sent: what it is called, and its octets.</summary>
internal sealed class Hoard
{
    private readonly ConcurrentDictionary<string, byte[]> _places = new();

    public int Count => _places.Count;

    public long Octets => _places.Values.Sum(octets => (long)octets.Length);

    public void Add(string place, string text) => Add(place, Encoding.UTF8.GetBytes(text));

    public void Add(string place, byte[] octets) => _places[place] = octets;

    /// <summary>Every file in a folder, at any depth, but those that a test has put secrets into itself.</summary>
    public void AddFolder(string folder, params string[] exceptions)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => !exceptions.Contains(file)))
        {
            Add(file, File.ReadAllBytes(file));
        }
    }

    /// <summary>Secret, form and place.</summary>
    public List<string> Find(SecretSearch search) => [.. _places.SelectMany(place => search.FindIn(place.Value).Select(what => $"{what} in {place.Key}"))];

    /// <summary>The places of this name, which must be there, and hold a word that is no secret: what is searched is what was meant to be.</summary>
    public void Require(string place, string word)
    {
        KeyValuePair<string, byte[]>[] found = [.. _places.Where(entry => entry.Key.Contains(place, StringComparison.Ordinal))];
        Assert.True(found.Length > 0, $"{place} was not searched, only {string.Join(", ", _places.Keys)}");
        Assert.True(
            found.Any(entry => entry.Value.AsSpan().IndexOf(Encoding.UTF8.GetBytes(word)) >= 0),
            $"{word} is not in {place}: {Encoding.UTF8.GetString(found[0].Value)}");
    }
}
