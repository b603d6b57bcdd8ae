using System.CommandLine;
using System.Text.Json;
using RelayProxy.Configuration;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Commands;

/// <summary><c>drain</c>: has the relay beside it try everything now, and waits until nothing is left to try: before a machine is switched off, or a
/// container goes. What an operator holds back, and what is parked, stays.</summary>
internal static class DrainCommand
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    /// <summary>What was put off is asked for again: a greylist or a full mailbox may have been a matter of seconds.</summary>
    private static readonly TimeSpan s_askAgain = TimeSpan.FromSeconds(10);

    public static DescribedCommand Create(CommandContext context)
    {
        var timeout = new Option<string>("--timeout") { Description = "How long to wait: 60s, 5m.", HelpName = "DURATION", DefaultValueFactory = _ => "60s" };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("drain", "Have everything tried now, and wait until the queue is empty: exit 0, or 75 and what is left.") { timeout, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!Duration.TryParse(parsed.GetValue(timeout), out TimeSpan patience))
            {
                context.Complain($"relayproxy drain: --timeout is \"{parsed.GetValue(timeout)}\", which is no duration; write 60s or 5m");
                return ExitCode.Usage;
            }

            await using IQueueStore store = await context.OpenQueueAsync(parsed.GetValue(CommonOptions.Config), cancellationToken);
            if (await WaitAsync(context, store, patience, cancellationToken) is not { } left)
            {
                context.Complain("relayproxy drain: mail waits, and no relay is running that could send it; start one, relayproxy serve");
                return ExitCode.Unavailable;
            }

            if (parsed.GetValue(json))
            {
                context.Output.WriteLine(JsonSerializer.Serialize(
                    new DrainFacts(left.Messages, left.Held, left.Parked, left.OldestReceivedAt), CommandJson.Plain.DrainFacts));
            }
            else
            {
                context.Say(Remainder.Words(left, context.Clock.GetUtcNow()));
            }

            return left.Messages == 0 ? ExitCode.Ok : ExitCode.Temporary;
        });
        return new DescribedCommand(
            command,
            "relayproxy drain --timeout 5m               before a container is stopped for good",
            "relayproxy drain && poweroff");
    }

    /// <returns>What is left when nothing is to be tried any more, or when patience is at its end; <c>null</c> if there is nobody who would try it.</returns>
    private static async Task<QueueTotals?> WaitAsync(CommandContext context, IQueueStore store, TimeSpan patience, CancellationToken cancellationToken)
    {
        TimeProvider clock = context.Clock;
        long began = clock.GetTimestamp();
        TimeSpan? asked = null;
        var progress = new Progress(context);
        while (true)
        {
            QueueTotals totals = await store.TotalsAsync(cancellationToken);
            TimeSpan waited = clock.GetElapsedTime(began);
            bool isDone = totals.Waiting + totals.InDelivery == 0;
            if (!isDone && !store.IsServed)
            {
                return null;
            }

            if (!isDone && (asked is null || (waited - asked >= s_askAgain && waited < patience)))
            {
                await store.ApplyAsync(QueueAction.Retry, new QueueSelection { Deferred = asked is not null }, clock.GetUtcNow(), cancellationToken);
                asked = waited;
                Tell(totals);
            }

            if (isDone || waited >= patience)
            {
                progress.Clear();
                return totals;
            }

            progress.Show(Left(totals));
            await Task.Delay(s_look, clock, cancellationToken);
        }

        // Who reads a log instead of a terminal hears it now and then.
        void Tell(QueueTotals totals)
        {
            if (!context.IsTerminal)
            {
                context.Complain($"relayproxy drain: {Left(totals)}");
            }
        }

        string Left(QueueTotals totals) =>
            $"{TerminalText.Count(totals.Messages, "message")} left, the oldest for {Remainder.Oldest(totals, clock.GetUtcNow())}";
    }
}
