using Microsoft.Extensions.Logging.Abstractions;
using RelayProxy.Commands;
using RelayProxy.Configuration;
using RelayProxy.Queue.Sqlite;

return await CommandTable.RunAsync(args, new CommandContext
{
    Output = StandardOutput.Open(),
    Error = Console.Error,
    OpenOutputStream = Console.OpenStandardOutput,
    IsTerminal = !Console.IsOutputRedirected,
    NoColour = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
    Inputs = ConfigurationInputs.OfThisProcess(),
    MakeStore = options => new SqliteQueueStore(options, TimeProvider.System, NullLogger.Instance),
});
