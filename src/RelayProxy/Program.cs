using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using RelayProxy.Commands;
using RelayProxy.Commands.Sendmail;
using RelayProxy.Configuration;
using RelayProxy.Queue.Sqlite;

// Every mail() of PHP and every cron job starts a sendmail and waits for it. Whether this is one is decided before anything else is touched,
// and what only the other commands need stands in methods of its own, so that it is not even loaded.
string? name = CalledName.OfThisProcess();
if (name == CalledName.Sendmail)
{
    return SendmailCommand.Run(args, Context);
}

return name is null && args is [CalledName.Sendmail, ..] && !HasLongOptions(args)
    ? SendmailCommand.Run(args[1..], Context)
    : RunFromTable(name switch
    {
        null => args,

        // What another machine says over UUCP are recipients, and no settings of this one.
        CalledName.Rmail => [name, "--", .. args],
        _ => [name, .. args],
    });

// Settings among the arguments are for the table to find.
static bool HasLongOptions(string[] arguments) => Array.Exists(arguments, static argument => argument is ['-', '-', _, ..]);

[MethodImpl(MethodImplOptions.NoInlining)]
static int RunFromTable(string[] arguments) => CommandTable.RunAsync(arguments, Context()).GetAwaiter().GetResult();

[MethodImpl(MethodImplOptions.NoInlining)]
static CommandContext Context() => new()
{
    Output = StandardStreams.OpenOutputText(),
    Error = StandardStreams.Error,
    OpenOutputStream = StandardStreams.OpenOutput,
    OpenInputStream = StandardStreams.OpenInput,
    Confirm = Question.Ask,
    IsTerminal = !Console.IsOutputRedirected,
    ScreenSize = static () => (Console.WindowWidth, Console.WindowHeight),
    ReadKey = static () => Console.IsInputRedirected ? null : Console.ReadKey(intercept: true).KeyChar,
    NoColour = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
    Inputs = ConfigurationInputs.OfThisProcess(),
    MakeStore = options => new SqliteQueueStore(options, TimeProvider.System, NullLogger.Instance),
};
