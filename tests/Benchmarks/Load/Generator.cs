using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RelayProxy.Harness;
using RelayProxy.Harness.Load;

namespace RelayProxy.Benchmarks.Load;

/// <summary>Whoever sends: several programs at once.</summary>
internal abstract class Generator
{
    private readonly ProcessTree _self = new(Environment.ProcessId);

    /// <summary>Of this process and of all that it started and saw the end of.</summary>
    public TimeSpan ProcessorTime => _self.OwnProcessorTime;

    public static Generator For(BenchOptions options) => options.Generator switch
    {
        GeneratorKind.Own => new OwnGenerator(options.Pipelined),
        GeneratorKind.SmtpSource => new SmtpSource(),
    };

    /// <summary>Sends, and returns when the last message has been accepted.</summary>
    /// <exception cref="IOException">The server did not take it all.</exception>
    public abstract Task SendAsync(IPEndPoint server, Letter letter, Cell cell, int messages);
}

/// <summary>A thread for each program, which takes the next message as soon as it is done with one.</summary>
internal sealed class OwnGenerator(bool isPipelined) : Generator
{
    private const int StackOctets = 256 * 1024;

    public override async Task SendAsync(IPEndPoint server, Letter letter, Cell cell, int messages)
    {
        int left = messages;
        Task[] clients = [.. Enumerable.Range(0, Math.Min(cell.Clients, messages)).Select(_ => OnThread(Client))];
        await Task.WhenAll(clients);

        void Client()
        {
            using var client = new LoadClient(server, letter, isPipelined);
            while (Interlocked.Decrement(ref left) is >= 0 and var number)
            {
                client.Send(number);
                if (!cell.Reuse)
                {
                    client.HangUp();
                }
            }
        }
    }

    private static Task OnThread(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(Run, StackOctets) { IsBackground = true };
        thread.Start();
        return done.Task;

        void Run()
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception fault) when (fault is IOException or SocketException)
            {
                done.SetException(fault as IOException ?? new IOException(fault.Message, fault));
            }
        }
    }
}

/// <summary>The load generator that comes with Postfix. All its mail goes to one alias.</summary>
internal sealed class SmtpSource : Generator
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    public override async Task SendAsync(IPEndPoint server, Letter letter, Cell cell, int messages)
    {
        string[] arguments =
        [
            "-s", Text(Math.Min(cell.Clients, messages)), "-m", Text(messages), "-l", Text(letter.Octets), "-M", "load.example.org",
            "-f", Letter.Sender, "-t", AliasList.Recipient(0), .. cell.Reuse ? ["-d"] : Array.Empty<string>(), server.ToString(),
        ];
        (int status, string output) = await ChildProcess.RunAsync("smtp-source", arguments, patience: s_patience);
        if (status != 0)
        {
            throw new IOException($"smtp-source ended with {status}:\n{output}");
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
