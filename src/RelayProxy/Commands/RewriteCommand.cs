using System.CommandLine;
using System.Text.Json;
using RelayProxy.Configuration;
using RelayProxy.Mail;

namespace RelayProxy.Commands;

/// <summary><c>rewrite test</c>: what would change in a message, in its envelope and in its header, and which settings would do it. Nothing
/// is sent or stored.</summary>
internal static class RewriteCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        var file = new Argument<string>("file") { Description = "The message, with any line ends; - reads it from standard input." };
        var sender = new Option<string?>("--sender", "-f") { Description = "The envelope's sender; <> is the null sender.", HelpName = "ADDRESS" };
        var recipients = new Option<string[]>("--recipient", "-r")
        {
            Description = "A recipient; may be given more than once.",
            HelpName = "ADDRESS",
            AllowMultipleArgumentsPerToken = true,
        };
        Option<bool> json = CommonOptions.Json();
        var test = new Command("test", "Show what would change in a message: - before, + after, and the settings that do it.") { file, sender, recipients, json };
        test.SetAction(async (parsed, cancellationToken) =>
        {
            RelayOptions options = NameSettings.Require(context.ReadConfiguration(parsed.GetValue(CommonOptions.Config)));
            bool hasSender = parsed.GetValue(sender) is not null;
            if (!TryAddress(context, hasSender ? parsed.GetValue(sender)! : "<>", out Mailbox? from))
            {
                return ExitCode.Usage;
            }

            var to = new List<Mailbox>();
            foreach (string recipient in parsed.GetValue(recipients) ?? [])
            {
                if (!TryAddress(context, recipient, out Mailbox? address) || address is null)
                {
                    return ExitCode.Usage;
                }

                to.Add(address);
            }

            RewrittenHeader header;
            await using (Stream content = parsed.GetValue(file) is "-" ? context.OpenInputStream() : File.OpenRead(parsed.GetValue(file)!))
            {
                header = await RewrittenHeader.ReadAsync(content, options.Intake.MaxHeaderOctets, cancellationToken);
            }

            var trial = new RewriteTrial(options, context.Clock);
            RewriteFacts[] facts =
            [
                .. hasSender ? [trial.Sender(from)] : Array.Empty<RewriteFacts>(),
                .. to.Select(trial.Recipient),
                .. trial.Header(header, hasSender ? from : null),
            ];
            Tell(context, facts, header, parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return new DescribedCommand(
            new Command("rewrite", "Try how names are rewritten.") { test },
            [
                (test,
                [
                    "relayproxy rewrite test letter.eml --sender root --recipient joe",
                    "relayproxy rewrite test - --Rewrite:Masquerade=example.net < letter.eml",
                ]),
            ]);
    }

    /// <param name="address"><c>null</c>: the null sender.</param>
    private static bool TryAddress(CommandContext context, string text, out Mailbox? address)
    {
        address = null;
        if (text is "<>" or "")
        {
            return true;
        }

        string plain = text.StartsWith('<') && text.EndsWith('>') ? text[1..^1] : text;
        if (!MailboxParser.TryParse(plain, out address))
        {
            context.Complain($"relayproxy rewrite test: \"{text}\" is no address");
        }

        return address is not null;
    }

    private static void Tell(CommandContext context, RewriteFacts[] facts, RewrittenHeader header, bool json)
    {
        foreach (RewriteFacts fact in facts)
        {
            if (json)
            {
                context.Output.WriteLine(JsonSerializer.Serialize(fact, CommandJson.Plain.RewriteFacts));
            }
            else
            {
                Tell(context, fact);
            }
        }

        if (header.IsTooLong)
        {
            context.Complain("relayproxy rewrite test: the header section is longer than Intake:MaxHeaderOctets and stays as it is");
        }
        else if (!json && !facts.Any(fact => fact.IsHeader))
        {
            context.Say("nothing changes in the header");
        }
    }

    private static void Tell(CommandContext context, RewriteFacts fact)
    {
        bool isChange = fact.Before != fact.After;
        Lines(context, isChange ? "- " : "  ", fact.Before);
        if (isChange)
        {
            Lines(context, "+ ", fact.After);
        }

        if (fact.Settings.Count > 0)
        {
            string settings = string.Join(", ", fact.Settings);
            context.Say(fact.IsKept ? $"    a DKIM signature covers it, so it stays (Rewrite:SignedMail), but for {settings}" : $"    {settings}");
        }
    }

    private static void Lines(CommandContext context, string mark, string? text)
    {
        foreach (string line in text?.Split('\n') ?? [])
        {
            context.Say(mark + line.Replace("\t", "    ", StringComparison.Ordinal));
        }
    }
}
