using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Delivery.Local;

/// <summary>How a command ended.</summary>
/// <param name="TimedOut">It was ended for taking too long: what it had done by then is not known.</param>
internal readonly record struct CommandEnd(int ExitCode, string Output, bool TimedOut);

/// <summary>
/// Runs a command of an alias: an argument vector and no shell, as a user without rights, in a session of its own so that all it starts ends
/// with it, with little in its environment, and the message on its standard input.
/// </summary>
/// <param name="user">As whom; <c>null</c>: as ourselves.</param>
internal sealed partial class CommandRun(LocalUser? user, LocalOptions options, TimeProvider clock)
{
    private const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const int Terminate = 15;
    private const int Kill = 9;
    private static readonly TimeSpan s_toEnd = TimeSpan.FromSeconds(5);
    private static readonly string? s_newSession = Find("setsid");

    /// <summary>The file of a program; <c>null</c> if there is none.</summary>
    public static string? Find(string program) => program.Contains('/', StringComparison.Ordinal)
        ? program.StartsWith('/') && File.Exists(program) ? program : null
        : SearchPath.Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    public async Task<CommandEnd> RunAsync(string program, IEnumerable<string> arguments, Letter letter, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = Start(program, arguments, letter) };
        process.Start();
        using var bound = new CancellationTokenSource(options.CommandTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        var output = new LimitedText(options.MaxCommandOutputOctets);
        Task write = WriteAsync(process, letter, either.Token);
        Task streams = Task.WhenAll(
            write,
            output.ReadAsync(process.StandardOutput.BaseStream),
            output.ReadAsync(process.StandardError.BaseStream));
        try
        {
            await process.WaitForExitAsync(either.Token).ConfigureAwait(false);

            // What it has left running behind it may hold its output open for ever, and is not waited for.
            await Task.WhenAny(streams, Task.Delay(s_toEnd, clock, either.Token)).ConfigureAwait(false);
            if (write.IsFaulted)
            {
                await write.ConfigureAwait(false);
            }

            return new CommandEnd(process.ExitCode, output.ToString(), TimedOut: false);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process).ConfigureAwait(false);
            return new CommandEnd(0, output.ToString(), TimedOut: true);
        }
        finally
        {
            Signal(process, Kill);
            _ = streams.ContinueWith(static ended => _ = ended.Exception, TaskScheduler.Default);
        }
    }

    private ProcessStartInfo Start(string program, IEnumerable<string> arguments, Letter letter)
    {
        var start = new ProcessStartInfo(s_newSession ?? program)
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in s_newSession is null ? arguments : [program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        if (user is not null && Identity.CanChange)
        {
            start.UserName = user.Name;
        }

        // Not one variable of ours: secrets come in them.
        start.Environment.Clear();
        foreach ((string name, string value) in Environment(letter))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>What Postfix's local(8) gives a command.</summary>
    private IEnumerable<(string Name, string Value)> Environment(Letter letter)
    {
        Mailbox address = letter.Recipient.Address;
        int plus = address.LocalPart.IndexOf('+', StringComparison.Ordinal);
        return
        [
            ("PATH", SearchPath),
            ("HOME", user is { Home.Length: > 0 } ? user.Home : "/"),
            ("USER", user?.Name ?? ""),
            ("LOGNAME", user?.Name ?? ""),
            ("SHELL", "/bin/sh"),
            ("SENDER", Harmless(letter.Sender?.ToString() ?? "")),
            ("RECIPIENT", Harmless(address.ToString())),
            ("ORIGINAL_RECIPIENT", Harmless(letter.OriginalRecipient)),
            ("LOCAL", Harmless(address.LocalPart)),
            ("EXTENSION", plus < 0 ? "" : Harmless(address.LocalPart[(plus + 1)..])),
            ("DOMAIN", Harmless(address.Domain)),
        ];
    }

    /// <summary>Postfix's command_expansion_filter: what a script may put on a command line without thinking.</summary>
    private static string Harmless(string text) => string.Concat(
        text.Select(letter => char.IsAsciiLetterOrDigit(letter) || "!@%-_=+:,./".Contains(letter, StringComparison.Ordinal) ? letter : '_'));

    /// <exception cref="IOException">The message cannot be read. The command is ended before it could take its beginning for all.</exception>
    /// <exception cref="InvalidDataException">Likewise: it is not what was accepted.</exception>
    private static async Task WriteAsync(Process process, Letter letter, CancellationToken cancellationToken)
    {
        Stream input = process.StandardInput.BaseStream;
        try
        {
            await using Stream content = letter.Open();
            foreach (ReadOnlyMemory<byte> piece in letter.Pieces(content, isMbox: false, hasFromLine: true))
            {
                if (!await TryWriteAsync(input, piece, cancellationToken).ConfigureAwait(false))
                {
                    break;
                }
            }
        }
        catch
        {
            Signal(process, Kill);
            throw;
        }
        finally
        {
            await TryCloseAsync(input).ConfigureAwait(false);
        }
    }

    /// <summary>A command need not read what does not interest it: its exit code says whether that was an accident.</summary>
    private static async ValueTask<bool> TryWriteAsync(Stream input, ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        try
        {
            await input.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
            await input.FlushAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async ValueTask TryCloseAsync(Stream input)
    {
        try
        {
            await input.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // Nobody reads any more.
        }
    }

    private async Task EndAsync(Process process)
    {
        Signal(process, Terminate);
        using var bound = new CancellationTokenSource(s_toEnd, clock);
        try
        {
            await process.WaitForExitAsync(bound.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It would not listen.
        }

        Signal(process, Kill);
    }

    /// <summary>To all of its session: the number stays its own as long as one process of it lives.</summary>
    private static void Signal(Process process, int signal)
    {
        if (s_newSession is not null)
        {
            _ = Send(-process.Id, signal);
        }
        else if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);

    /// <summary>Keeps the beginning of what is written, and reads on to the end.</summary>
    private sealed class LimitedText(int maxOctets)
    {
        private readonly List<byte> _kept = [];

        public async Task ReadAsync(Stream stream)
        {
            byte[] piece = new byte[4096];
            for (int count; (count = await stream.ReadAsync(piece).ConfigureAwait(false)) > 0;)
            {
                lock (_kept)
                {
                    _kept.AddRange(piece.AsSpan(0, Math.Min(count, Math.Max(0, maxOctets - _kept.Count))));
                }
            }
        }

        public override string ToString()
        {
            lock (_kept)
            {
                return Encoding.UTF8.GetString(_kept.ToArray());
            }
        }
    }
}
