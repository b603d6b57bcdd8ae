using Microsoft.Extensions.Logging.Abstractions;
using RelayProxy.Commands;
using RelayProxy.Configuration;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Proof.Kill;

/// <summary>An operator at work on a queue beside its relay: commands that run in this process, and some in one of their own, to be killed too.</summary>
internal sealed class OperatorDesk(string queue, Books books)
{
    /// <summary>One command after the other, until it is over.</summary>
    public async Task WorkAsync(Random random, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            switch (random.Next(16))
            {
                case 0:
                    await RunAsync("queue", "list", "--json");
                    break;
                case 1 or 9:
                    await RunAsync("queue", "retry", "--all");
                    break;
                case 2 or 10:
                    await RunAsync("queue", "release", "--state", "held");
                    break;
                case 3 when Choose(random) is { } letter:
                    await RunAsync("queue", "show", letter.Id);
                    break;
                case 4 or 5 or 6 when Choose(random) is { } letter:
                    await RunAsync("queue", "hold", letter.Id);
                    break;
                case 8 when Choose(random) is { } letter:
                    await RunAsync("trace", letter.Id);
                    break;
                case 7 when Choose(random) is { } letter:
                    await DeleteAsync(letter);
                    break;
                default:
                    await Task.Delay(1, CancellationToken.None);
                    break;
            }
        }
    }

    /// <summary>A command in a process of its own. What it is to delete may be gone afterwards, or not.</summary>
    public ChildProcess? Start(Random random, string? assembly)
    {
        if (Choose(random) is not { } letter)
        {
            return null;
        }

        string action = random.Next(2) == 0 ? "delete" : "hold";
        if (action == "delete" && letter.Deletion != Deletion.Done)
        {
            letter.Deletion = Deletion.Asked;
        }

        return ChildProcess.Start("dotnet", [assembly ?? RelayProcess.Assembly, "queue", action, letter.Id, $"--Queue:Path={queue}"]);
    }

    /// <summary>Runs a command to its end.</summary>
    public async Task<int> RunAsync(params string[] words)
    {
        var output = new StringWriter();
        return await CommandTable.RunAsync(words, new CommandContext
        {
            Output = output,
            Error = output,
            OpenOutputStream = () => new MemoryStream(),
            Inputs = new ConfigurationInputs { Environment = new Dictionary<string, string> { ["RELAYPROXY_Queue__Path"] = queue } },
            MakeStore = options => new SqliteQueueStore(options, TimeProvider.System, NullLogger.Instance),
        });
    }

    private async Task DeleteAsync(Letter letter)
    {
        if (letter.Deletion is Deletion.Asked or Deletion.Done)
        {
            return;
        }

        letter.Deletion = Deletion.Asked;
        letter.Deletion = await RunAsync("queue", "delete", letter.Id) switch
        {
            ExitCode.Ok => Deletion.Done,
            ExitCode.NoInput => Deletion.TooLate,
            _ => Deletion.Asked,
        };
    }

    /// <summary>Mostly what waits, now and then anything.</summary>
    private Letter? Choose(Random random)
    {
        IReadOnlyList<Letter> letters = books.AcceptedLetters;
        Letter[] waiting = [.. letters.Where(letter => letter.Recipients.Contains("later@example.net"))];
        return (random.Next(4), waiting.Length, letters.Count) switch
        {
            ( > 0, > 0, _) => waiting[random.Next(waiting.Length)],
            (_, _, > 0) => letters[random.Next(letters.Count)],
            _ => null,
        };
    }
}
