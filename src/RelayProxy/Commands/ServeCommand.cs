using System.CommandLine;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using RelayProxy.Commands.Sendmail;
using RelayProxy.Configuration;
using RelayProxy.Delivery.Local;
using RelayProxy.Listener;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Telemetry;
using RelayProxy.Upstream;

namespace RelayProxy.Commands;

/// <summary><c>serve</c>, which is also what happens when no command is named: the relay itself, until a signal stops it.</summary>
internal static partial class ServeCommand
{
    /// <summary>What a stop may take beyond its grace: for a store that is slow to write down what was said last.</summary>
    private static readonly TimeSpan s_toEnd = TimeSpan.FromSeconds(30);

    public static DescribedCommand Create(CommandContext context)
    {
        var command = new Command("serve", "Take mail, keep it, send it on: the relay itself. This is the default.");
        command.SetAction((parsed, cancellationToken) => RunAsync(context, parsed.GetValue(CommonOptions.Config), cancellationToken));
        return new DescribedCommand(
            command,
            "relayproxy serve --Listener:Endpoints=127.0.0.1:2525 --Queue:Path=/tmp/queue",
            "RELAYPROXY_Smarthost__Url=smtps://box:secret@smtp.example.net relayproxy serve");
    }

    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(CommandContext context, string? file, CancellationToken cancellationToken)
    {
        SocketThreads.WorkThemselves();

        // No mail and no password in a core file, whoever started us.
        _ = LinuxNative.SetLimit(LinuxNative.RlimitCore, default);
        RelayConfiguration first = context.ReadConfiguration(file).RequireGood();
        if (LacksRights(context, first.Options))
        {
            return ExitCode.NoPermission;
        }

        LiveConfiguration? live = null;
        using RelayLog log = OpenLog(context, first.Options.Logging, () => (live?.Options ?? first.Options).Logging.Level);
        ILogger logger = log.CreateLogger("Relay");
        using var watched = live = new LiveConfiguration(context.Inputs with { File = file }, first, context.Clock, log.CreateLogger("Configuration"));
        using IDisposable faults = TellFaults(log, logger);
        using var manager = new ServiceManager(context.Inputs.Environment, Environment.ProcessId, logger);
        Warn(first, logger);

        var relay = new Relay(() => live.Options, context.Clock, log, reloads: () => live.LastRead);
        await using (relay)
        {
            Rereading? rereading = null;
            using var signals = new StopSignals(() => Volatile.Read(ref rereading)?.Ask(), signal => EndAtOnce(log, logger, signal));
            using CancellationTokenRegistration asked = cancellationToken.Register(signals.RequestStop);
            if (await StartAsync(relay, context, log) is { } trouble)
            {
                return trouble;
            }

            Volatile.Write(ref rereading, new Rereading(live, relay, manager, context.Clock, logger));
            using var digest = new DigestFile(context.Inputs.Environment, () => live.Options, () => relay.Endpoints, logger);
            live.Changed += relay.Reload;
            live.Changed += digest.Write;
            live.Watch();
            Log.Ready(logger, string.Join(", ", relay.Endpoints), SmarthostOf(first.Options.Smarthost), QueueFolder.Resolve(first.Options.Queue.Path));
            using var reports = new ServiceReports(
                manager, () => relay.IsAlive, () => ServiceReports.StandingAsync(relay, context.Clock), context.Clock);
            reports.Begin();
            using NetworkWatch? network = first.Options.Listener.ExitWhenCutOff
                ? new NetworkWatch(NetworkWatch.OfThisProcess, signals.RequestStop, context.Clock, log.CreateLogger("Listener"))
                : null;
            PosixSignal signal = await signals.Stopped;
            live.Changed -= digest.Write;
            digest.Dispose();
            reports.Stopping(live.Options.ShutdownGrace + s_toEnd);
            Log.Stopping(logger, signal, Duration.Format(live.Options.ShutdownGrace));
            await rereading.Done;

            // Where there is no network there is nothing to wait for.
            QueueTotals? left = await relay.StopAsync(network is { IsCutOff: true } ? TimeSpan.Zero : live.Options.ShutdownGrace);
            int exit = Farewell.Say(left, live.Options.Queue, context, logger);
            return exit == ExitCode.Ok && network is { IsCutOff: true } ? ExitCode.Unavailable : exit;
        }
    }

    /// <summary>Local mail that could never be delivered is not accepted in the first place.</summary>
    private static bool LacksRights(CommandContext context, RelayOptions options)
    {
        string[] missing = [.. LocalRights.Missing(options.Local, AliasRights.Of(options.Rewrite))];
        foreach (string right in missing)
        {
            context.Complain($"relayproxy: {right}");
        }

        return missing.Length > 0;
    }

    private static RelayLog OpenLog(CommandContext context, LoggingOptions options, Func<LogLevel> level)
    {
        bool isJournal = LogDestination.IsJournal(context.Inputs.Environment.GetValueOrDefault("JOURNAL_STREAM"));
        ILogLayout layout = LogDestination.Layout(options, context.IsTerminal, isJournal, context.NoColour);
        return new RelayLog(new LogWriter(context.OpenOutputStream()), layout, level, context.Clock);
    }

    /// <summary>Says why it could not start, in words without a log's prefix: somebody is waiting for them.</summary>
    private static async Task<int?> StartAsync(Relay relay, CommandContext context, RelayLog log)
    {
        try
        {
            await relay.StartAsync(CancellationToken.None);
            return null;
        }
        catch (QueueUnavailableException fault)
        {
            return Fail(ExitCode.Unavailable, fault.Message);
        }
        catch (ListenerBindException fault)
        {
            return Fail(
                fault.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied } or UnauthorizedAccessException
                    ? ExitCode.NoPermission
                    : ExitCode.Unavailable,
                fault.Message);
        }

        int Fail(int code, string message)
        {
            // After what the log has to say about it.
            log.Dispose();
            context.Complain($"relayproxy: {message}");
            return code;
        }
    }

    /// <summary>Nothing accepted is lost by this: what is in delivery is tried again.</summary>
    private static void EndAtOnce(RelayLog log, ILogger logger, PosixSignal signal)
    {
        Log.StopAtOnce(logger, signal);
        log.Dispose();
        const int signalled = 128;
        Environment.Exit(signalled + (signal == PosixSignal.SIGINT ? 2 : 15));
    }

    private static void Warn(RelayConfiguration configuration, ILogger logger)
    {
        foreach (ReportedSetting setting in configuration.Report.Settings
            .Where(setting => setting.Setting.IsSecret && setting.Value.Text.Length > 0 && setting.Source.StartsWith("command line", StringComparison.Ordinal)))
        {
            Log.SecretOnCommandLine(logger, setting.Setting.Key);
        }

        foreach (ConfigurationProblem warning in configuration.Warnings)
        {
            Log.Warned(logger, warning.ToString());
        }
    }

    /// <summary>A fault nobody caught is told before it ends the process, and one nobody looked at is told too.</summary>
    private static FaultTeller TellFaults(RelayLog log, ILogger logger) => new(
        fault =>
        {
            Log.Crash(logger, fault);
            log.Dispose();
        },
        fault => Log.UnobservedFault(logger, fault));

    private static string SmarthostOf(SmarthostOptions options) => options.Tls switch
    {
        SmarthostTls.Implicit => $"{options.Host}:{options.Port} (TLS)",
        SmarthostTls.StartTls => $"{options.Host}:{options.Port} (STARTTLS)",
        SmarthostTls.None => $"{options.Host}:{options.Port} (no TLS)",
    };

    private sealed class FaultTeller : IDisposable
    {
        private readonly UnhandledExceptionEventHandler _unhandled;
        private readonly EventHandler<UnobservedTaskExceptionEventArgs> _unobserved;

        public FaultTeller(Action<Exception> crash, Action<Exception> unobserved)
        {
            _unhandled = (_, arguments) => crash((Exception)arguments.ExceptionObject);
            _unobserved = (_, arguments) => unobserved(arguments.Exception);
            AppDomain.CurrentDomain.UnhandledException += _unhandled;
            TaskScheduler.UnobservedTaskException += _unobserved;
        }

        public void Dispose()
        {
            AppDomain.CurrentDomain.UnhandledException -= _unhandled;
            TaskScheduler.UnobservedTaskException -= _unobserved;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Ready, LogLevel.Information, "ready: listening on {Endpoints}; smarthost {Smarthost}; queue {Queue}")]
        public static partial void Ready(ILogger logger, string endpoints, string smarthost, string queue);

        [LoggerMessage(EventIds.Stopping, LogLevel.Information, "{Signal}: stopping; all that waits is tried once more within {Grace}, a second signal ends it at once")]
        public static partial void Stopping(ILogger logger, PosixSignal signal, string grace);

        [LoggerMessage(EventIds.StopAtOnce, LogLevel.Warning, "{Signal} again: ending at once; what was under way is tried again at the next start")]
        public static partial void StopAtOnce(ILogger logger, PosixSignal signal);

        [LoggerMessage(EventIds.SecretOnCommandLine, LogLevel.Warning,
            "{Key} was given on the command line, where every user of this machine can read it; use a file or the environment")]
        public static partial void SecretOnCommandLine(ILogger logger, string key);

        [LoggerMessage(EventIds.ConfigurationWarning, LogLevel.Warning, "configuration: {Warning}")]
        public static partial void Warned(ILogger logger, string warning);

        [LoggerMessage(EventIds.UnobservedFault, LogLevel.Error, "a fault that nobody looked at")]
        public static partial void UnobservedFault(ILogger logger, Exception fault);

        [LoggerMessage(EventIds.Crash, LogLevel.Critical, "a fault of this program ends it; what was accepted is in the queue")]
        public static partial void Crash(ILogger logger, Exception fault);
    }
}
