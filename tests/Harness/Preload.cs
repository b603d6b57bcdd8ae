namespace RelayProxy.Harness;

/// <summary>What is put between a program and libc (tests/Faults/*.c), built where it is needed.</summary>
internal static class Preload
{
    /// <returns>For <c>LD_PRELOAD</c>.</returns>
    /// <exception cref="InvalidOperationException">There is no C compiler.</exception>
    public static async Task<string> BuildAsync(string source, TemporaryFolder folder)
    {
        string built = folder[Path.ChangeExtension(source, ".so")];
        if (!File.Exists(built))
        {
            (int status, string output) = await ChildProcess.RunAsync(
                "cc", ["-O1", "-Wall", "-shared", "-fPIC", "-o", built, Repository.Path("tests", "Faults", source), "-ldl"]);
            if (status != 0)
            {
                throw new InvalidOperationException($"{source} cannot be built (apt-get install gcc libc6-dev):\n{output}");
            }
        }

        return built;
    }
}
