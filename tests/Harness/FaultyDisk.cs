using System.Globalization;

namespace RelayProxy.Harness;

/// <summary>
/// A disk that fails on demand, for a program that is started with <see cref="EnvironmentAsync"/>: the calls that it makes on its files fail as the last
/// order says (tests/Faults/faulty.c). Error numbers are the kernel's: 5 EIO, 28 ENOSPC …
/// </summary>
internal sealed class FaultyDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _serial;

    private string Orders => _folder["orders"];

    private string Told => Orders + ".told";

    /// <summary>What a program needs in its environment to have this disk, which is sound when it starts.</summary>
    public async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync()
    {
        Mend();
        return new Dictionary<string, string> { ["LD_PRELOAD"] = await Preload.BuildAsync("faulty.c", _folder), ["FAULTS"] = Orders };
    }

    /// <summary>From now on calls fail: of those of one kind (or <c>any</c>) on files whose path contains a text, so many after the first so many.</summary>
    /// <param name="error">0: none fails, all are told.</param>
    /// <returns>The order's number, for <see cref="ToldOf"/>.</returns>
    public int Order(string call, string text, int error, int skip = 0, int times = 1_000_000)
    {
        _serial++;
        Write(string.Create(CultureInfo.InvariantCulture, $"{_serial} {call} {text} {error} {skip} {times}"));
        return _serial;
    }

    /// <summary>Nothing fails any more.</summary>
    public void Mend() => Write("");

    /// <summary>The calls that an order has made fail so far, or that it was to tell: <c>pwrite /…/queue.db-wal</c>.</summary>
    public IReadOnlyList<string> ToldOf(int serial)
    {
        string start = string.Create(CultureInfo.InvariantCulture, $"{serial} ");
        return File.Exists(Told)
            ? [.. File.ReadLines(Told).Where(line => line.StartsWith(start, StringComparison.Ordinal)).Select(line => line[start.Length..])]
            : [];
    }

    /// <summary>Forgets what was told.</summary>
    public void Forget() => File.Delete(Told);

    public void Dispose() => _folder.Dispose();

    /// <summary>All at once: nobody reads half an order.</summary>
    private void Write(string order)
    {
        File.WriteAllText(Orders + ".next", order);
        File.Move(Orders + ".next", Orders, overwrite: true);
    }
}
