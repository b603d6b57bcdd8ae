using System.Globalization;
using System.Text;
using RelayProxy.Configuration;
using RelayProxy.Mail;
using RelayProxy.Rewrite.Aliases;
using RelayProxy.Submission.Flags;

namespace RelayProxy.Commands;

/// <summary>
/// <c>newaliases</c>: there is nothing to be built here, for the relay reads the file itself, within a second of a change. What is left of the
/// command is worth keeping: it says what is wrong, and ends so that a script notices.
/// </summary>
internal static class NewAliasesCommand
{
    public const string Description = "Check the aliases, as newaliases did; the relay reads a change by itself.";

    public static OldCommandHelp Help { get; } = new(
        CalledName.NewAliases,
        "[--config FILE]",
        """
        Checks the aliases and tells every mistake with its place: exit 0, or 65 if there is one. A relay that runs reads the file within a second
        of a change; nothing need be built. sendmail's flags are taken and do nothing.
        """,
        ("--config FILE", "the configuration file, instead of /etc/relayproxy/relayproxy.json"));

    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(CommandContext context, IReadOnlyList<string> arguments)
    {
        SendmailRequest request = SendmailArguments.Read(arguments, takesLongOptions: true);
        if (request.WantsHelp)
        {
            context.Output.WriteLine(Help);
            return Task.FromResult(ExitCode.Ok);
        }

        return Task.FromResult(Check(context, request.ConfigurationFile));
    }

    /// <param name="file"><c>--config</c>.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Check(CommandContext context, string? file)
    {
        RelayOptions options = NameSettings.Require(context.ReadConfiguration(file));
        AliasReading read;
        try
        {
            read = AliasReading.Of(options, context.Clock);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            context.Complain($"newaliases: {options.Rewrite.AliasFile}: {fault.Message}");
            return ExitCode.NoInput;
        }

        foreach (AliasProblem problem in read.Problems)
        {
            context.Complain($"newaliases: {problem}");
        }

        ILookup<bool, AliasEntry> bySettings = read.Table.Entries.ToLookup(entry => entry.Place.Source.StartsWith(InlineAliases.Section, StringComparison.Ordinal));
        if (read.File.Length > 0)
        {
            context.Say(Summary(read.File, bySettings[false]));
        }

        if (bySettings.Contains(true))
        {
            context.Say(Summary(InlineAliases.Section, bySettings[true]));
        }

        context.Say(read.Errors > 0
            ? $"{TerminalText.Count(read.Errors, "error")}: what could not be read costs its line; a relay that runs has the rest within a second"
            : "nothing to build: a relay that runs has them within a second");
        return read.Errors > 0 ? ExitCode.DataError : ExitCode.Ok;
    }

    /// <summary>As sendmail has it.</summary>
    private static string Summary(string source, IEnumerable<AliasEntry> entries)
    {
        (int aliases, int longest, int total) = (0, 0, 0);
        foreach (AliasEntry entry in entries)
        {
            int octets = Encoding.UTF8.GetByteCount(string.Join(", ", entry.Destinations));
            (aliases, longest, total) = (aliases + 1, Math.Max(longest, octets), total + octets + Encoding.UTF8.GetByteCount(entry.Key.ToString()));
        }

        return string.Create(CultureInfo.InvariantCulture, $"{source}: {aliases} aliases, longest {longest} bytes, {total} bytes total");
    }
}
