using System.Buffers.Binary;

namespace RelayProxy.Harness;

/// <summary>A wall clock that a test sets while a program runs that was started with <see cref="EnvironmentAsync"/> (tests/Faults/clock.c). Its monotonic
/// clock goes on as it does.</summary>
internal sealed class WallClock : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>What a program needs in its environment to have this clock, which shows the true time at first.</summary>
    public async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync()
    {
        Set(TimeSpan.Zero);
        return new Dictionary<string, string> { ["LD_PRELOAD"] = await Preload.BuildAsync("clock.c", _folder), ["CLOCK"] = _folder["offset"] };
    }

    /// <summary>The clock is wrong by so many seconds from now on.</summary>
    public void Set(TimeSpan offset)
    {
        byte[] seconds = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(seconds, (long)offset.TotalSeconds);

        // In its place: the program has the file mapped.
        using FileStream file = File.Open(_folder["offset"], FileMode.OpenOrCreate);
        file.Write(seconds);
    }

    public void Dispose() => _folder.Dispose();
}
