using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RelayProxy.Harness.Load;

/// <summary>How long one run of a program took.</summary>
/// <param name="Wall">From exec to exit: what whoever called it waited.</param>
/// <param name="Processor">What it and its children worked, which a busy machine does not make longer.</param>
internal readonly partial record struct ProgramTime(TimeSpan Wall, TimeSpan Processor)
{
    private const int OfChildren = -1;

    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static ProgramTime Of(CalledProgram program, byte[] input)
    {
        var start = new ProcessStartInfo(program.Command[0], program.Command[1..]) { RedirectStandardInput = true };
        foreach ((string name, string value) in program.Environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        TimeSpan before = ChildrenWorked();
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        TimeSpan wall = Stopwatch.GetElapsedTime(began);
        return process.ExitCode == 0
            ? new ProgramTime(wall, ChildrenWorked() - before)
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
    }

    private static TimeSpan ChildrenWorked()
    {
        // struct rusage begins with two struct timeval: what was done for the program, and what the system did for it.
        Span<nint> usage = stackalloc nint[18];
        _ = GetUsage(OfChildren, ref MemoryMarshal.GetReference(usage));
        return TimeSpan.FromSeconds(usage[0] + usage[2]) + TimeSpan.FromMicroseconds(usage[1] + usage[3]);
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetUsage(int who, ref nint usage);
}
