using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Fuzzing;

/// <summary>
/// Everything that reads what strangers wrote is given what no stranger would write, for seconds in every run and for hours in the long one, and has to
/// keep its promises all the same. <c>FUZZ_MILLISECONDS</c> says how long each target is tried.
/// </summary>
public class FuzzTests
{
    private const int MostInputs = 4096;

    /// <summary>An input has some kilobytes; whoever needs more for it does what grows faster than the input.</summary>
    private const long MostAllocated = 256L * 1024 * 1024;

    private static readonly TimeSpan s_progress = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Names => [.. FuzzTargets.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_that_is_read_breaks_a_promise(string name)
    {
        FuzzTarget target = FuzzTargets.All[name];
        int seed = Seed.First;
        var patience = TimeSpan.FromMilliseconds(Setting("FUZZ_MILLISECONDS", Extent.Of(300, 900_000)));
        var random = new Random(seed);
        var mutator = new Mutator(random, target.WordOctets);
        List<byte[]> inputs = [.. target.Inputs(name)];
        HashSet<string> ways = [.. inputs.Select(input => Try(name, target, seed, input))];

        long began = Stopwatch.GetTimestamp(), told = began, tried = inputs.Count;
        for (; Stopwatch.GetElapsedTime(began) < patience; tried++)
        {
            byte[] input = mutator.Next(inputs);
            string way = Try(name, target, seed, input);
            if (inputs.Count < MostInputs && ways.Add(way))
            {
                inputs.Add(input);
            }

            if (Stopwatch.GetElapsedTime(told) > s_progress)
            {
                told = Stopwatch.GetTimestamp();
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"fuzzing {name}: {tried} inputs, {ways.Count} ways, seed {seed}"));
            }
        }

        Figures.Note("fuzzing", ("target", name), ("inputs", tried), ("ways", ways.Count), ("finds", 0), ("seed", seed));
    }

    private static string Try(string name, FuzzTarget target, int seed, byte[] input)
    {
        try
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread(), began = Stopwatch.GetTimestamp();
            string way = target.Try(input);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, MostAllocated);
            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, s_longest);
            return way;
        }
        catch (Exception find)
        {
            string folder = Directory.CreateDirectory(Repository.Path("artifacts", "finds")).FullName;
            string file = Path.Combine(folder, $"{name.Replace(' ', '-')}-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}");
            File.WriteAllBytes(file, input);
            Figures.Note("fuzzing", ("target", name), ("finds", 1), ("input", file), ("seed", seed));
            Assert.Fail($"{name} broke a promise over {file} (mend it, and move the file to tests/Proof/Fuzzing/Finds), seed {seed}: {find}");
            throw;
        }
    }

    private static int Setting(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
