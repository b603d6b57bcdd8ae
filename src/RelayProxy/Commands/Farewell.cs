using Microsoft.Extensions.Logging;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Telemetry;

namespace RelayProxy.Commands;

/// <summary>The last words of a relay that was stopped in order: what is left in its queue, in the log and for Kubernetes in the pod's status.</summary>
internal static partial class Farewell
{
    /// <summary>Mail that waits is safe, unless its queue goes too: a supervisor must hear that from the exit code.</summary>
    /// <param name="left"><c>null</c> if the queue could not tell.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Say(QueueTotals? left, QueueOptions queue, CommandContext context, ILogger logger)
    {
        if (left is null)
        {
            Log.StoppedBlind(logger);
            return ExitCode.Ok;
        }

        DateTimeOffset now = context.Clock.GetUtcNow();
        TerminationMessage.Write(context.Inputs.Root, Remainder.Words(left, now));
        bool isLost = queue.Ephemeral && left.Messages > 0;
        if (isLost)
        {
            Log.Lost(logger, left.Messages);
        }

        Log.Stopped(logger, left.Messages, QueueFolder.Resolve(queue.Path), Remainder.Oldest(left, now));
        return isLost ? ExitCode.Temporary : ExitCode.Ok;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Stopped, LogLevel.Information, "stopped: undelivered={Undelivered} queue={Queue} oldest={Oldest}")]
        public static partial void Stopped(ILogger logger, long undelivered, string queue, string oldest);

        [LoggerMessage(EventIds.StoppedBlind, LogLevel.Warning, "stopped; the queue does not say what is left in it")]
        public static partial void StoppedBlind(ILogger logger);

        [LoggerMessage(EventIds.Lost, LogLevel.Error, "mail is lost with this queue (Queue:Ephemeral): undelivered={Undelivered}")]
        public static partial void Lost(ILogger logger, long undelivered);
    }
}
