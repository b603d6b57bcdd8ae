using BenchmarkDotNet.Running;
using RelayProxy.Benchmarks.Load;
using RelayProxy.Benchmarks.Scale;

namespace RelayProxy.Benchmarks;

/// <summary><c>load</c>, <c>scale</c>, <c>start</c> and <c>sendmail</c> measure the relay as a process; everything else is BenchmarkDotNet's, for single pieces of code.</summary>
internal static class BenchmarkProgram
{
    private static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["load", .. var rest]:
                return await LoadBench.RunAsync(rest);
            case ["scale", .. var rest]:
                return await ScaleBench.RunAsync(rest);
            case ["start", .. var rest]:
                return await StartBench.RunAsync(rest);
            case ["sendmail", .. var rest]:
                return await SendmailBench.RunAsync(rest);
            case [StandIn.Command]:
                StandIn.Serve();
                return 0;
            default:
                BenchmarkSwitcher.FromAssembly(typeof(BenchmarkProgram).Assembly).Run(args);
                return 0;
        }
    }
}
