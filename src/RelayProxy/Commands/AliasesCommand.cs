using System.CommandLine;
using System.Text.Json;
using RelayProxy.Configuration;
using RelayProxy.Mail;
using RelayProxy.Rewrite;
using RelayProxy.Rewrite.Aliases;

namespace RelayProxy.Commands;

/// <summary><c>aliases check|lookup</c>: what the aliases say, before mail finds out.</summary>
internal static class AliasesCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        Option<bool> json = CommonOptions.Json();
        var file = new Argument<string?>("file")
        {
            Description = "The aliases file, instead of that of the settings.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var check = new Command("check", "Tell everything in the aliases that cannot be read or leads nowhere: exit 0 or 65.") { file, json };
        check.SetAction(parsed => Check(context, Options(context, parsed, parsed.GetValue(file)), parsed.GetValue(json)));

        Option<bool> lookupJson = CommonOptions.Json();
        var names = new Argument<string[]>("address") { Description = "Names or addresses, as a client would give them.", Arity = ArgumentArity.OneOrMore };
        var lookup = new Command("lookup", "Show whom mail for a name would reach, and why: exit 1 if it would be refused.") { names, lookupJson };
        lookup.SetAction(parsed => Lookup(context, Options(context, parsed, null), parsed.GetRequiredValue(names), parsed.GetValue(lookupJson)));

        return new DescribedCommand(
            new Command("aliases", "Show what the aliases say, and what is wrong with them.") { check, lookup },
            [
                (check,
                [
                    "relayproxy aliases check                       the file that is in use",
                    "relayproxy aliases check ./aliases.new         before it is put in place",
                ]),
                (lookup, ["relayproxy aliases lookup root postmaster@localhost"]),
            ]);
    }

    /// <exception cref="ConfigurationException">A setting of names is wrong.</exception>
    private static RelayOptions Options(CommandContext context, ParseResult parsed, string? file)
    {
        RelayOptions options = NameSettings.Require(context.ReadConfiguration(parsed.GetValue(CommonOptions.Config)));
        if (file is not null)
        {
            options.Rewrite.AliasFile = file;
        }

        return options;
    }

    private static int Check(CommandContext context, RelayOptions options, bool json)
    {
        string file = options.Rewrite.AliasFile;
        AliasReading read;
        try
        {
            read = AliasReading.Of(options, context.Clock);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            context.Complain($"relayproxy aliases check: {file}: {fault.Message}");
            return ExitCode.NoInput;
        }

        foreach (AliasProblem problem in read.Problems)
        {
            if (json)
            {
                context.Output.WriteLine(JsonSerializer.Serialize(
                    new AliasProblemFacts(problem.Place.Source, problem.Place.Line, problem.Place.Column, problem.IsWarning, problem.Text),
                    CommandJson.Plain.AliasProblemFacts));
            }
            else
            {
                context.Say(problem.ToString());
            }
        }

        if (!json)
        {
            context.Say($"{file}: {read.Table.Count} aliases, {read.Errors} errors, {read.Problems.Count - read.Errors} warnings");
        }

        return read.Errors > 0 ? ExitCode.DataError : ExitCode.Ok;
    }

    private static int Lookup(CommandContext context, RelayOptions options, string[] names, bool json)
    {
        Rewriter rewriter = NameSettings.Rewriter(options, context.Clock);
        bool refused = false;
        foreach (string name in names)
        {
            if (!MailboxParser.TryParse(name.Trim('<', '>'), out Mailbox? mailbox))
            {
                context.Complain($"relayproxy aliases lookup: \"{name}\" is not an address");
                return ExitCode.Usage;
            }

            var way = new AliasTree();
            RecipientExpansion expansion = rewriter.Explain(new Recipient(mailbox!), way);
            refused |= expansion.Refusal is not null;
            if (json)
            {
                context.Output.WriteLine(JsonSerializer.Serialize(AliasWays.Facts(name, expansion, way), CommandJson.Plain.AliasLookupFacts));
            }
            else
            {
                AliasWays.Write(context, expansion, way);
            }
        }

        return refused ? ExitCode.No : ExitCode.Ok;
    }
}
