using System.Text;
using RelayProxy.Configuration;
using RelayProxy.Mail;
using RelayProxy.Rewrite;
using RelayProxy.Rewrite.Header;

namespace RelayProxy.Commands;

/// <summary>What rewriting would make of one message by these settings.</summary>
internal sealed class RewriteTrial(RelayOptions options, TimeProvider clock)
{
    private readonly Rewriter _rewriter = NameSettings.Rewriter(options, clock);

    public RewriteFacts Sender(Mailbox? sender)
    {
        RewrittenAddress? rewritten = sender is null ? null : _rewriter.ExplainSender(sender);
        return new RewriteFacts("MAIL FROM", $"MAIL FROM:<{sender}>", $"MAIL FROM:<{rewritten?.Address}>", Settings(rewritten?.Steps ?? RewriteSteps.None));
    }

    public RewriteFacts Recipient(Mailbox recipient)
    {
        RecipientExpansion expansion = _rewriter.Recipient(new Recipient(recipient));
        string after = expansion switch
        {
            { Refusal: { } refusal } => refusal.ToString(),
            { Recipients: [] } => "thrown away",
            _ => string.Join('\n', expansion.Recipients.Select(Line)),
        };
        return new RewriteFacts("RCPT TO", $"RCPT TO:<{recipient}>", after, []);

        static string Line(Recipient expanded) => expanded.Local is not { } local
            ? $"RCPT TO:<{expanded.Address}>"
            : local.Kind switch
            {
                LocalDestinationKind.User => $"the mailbox of {local.Target}",
                LocalDestinationKind.File => $"the file {local.Target}",
                LocalDestinationKind.Folder => $"the Maildir {local.Target}",
                LocalDestinationKind.Command => $"the command {local.Target}",
            };
    }

    /// <summary>The fields that change, that would but for a signature, and that are added.</summary>
    /// <param name="sender">Gives the From that is missing; <c>null</c>: none is added.</param>
    public IEnumerable<RewriteFacts> Header(RewrittenHeader header, Mailbox? sender)
    {
        if (header.IsTooLong)
        {
            return [];
        }

        HeaderRewrite? rewrite = _rewriter.Header(header.Octets.Span, header.Block, isReport: false);
        var facts = new List<RewriteFacts>((rewrite?.Fields ?? []).Select(field => Field(header.Octets.Span, field)));
        if (sender is not null && options.Intake.AddFrom && header.Block.Find(header.Octets.Span, "From"u8) is null)
        {
            facts.Add(new RewriteFacts("From", null, $"From: <{_rewriter.Author(sender)}>", ["Intake:AddFrom"], IsHeader: true));
        }

        if (rewrite is { ReplyTo.IsEmpty: false })
        {
            facts.Add(new RewriteFacts("Reply-To", null, Text(rewrite.ReplyTo.Span), Settings(RewriteSteps.ForceSender), IsHeader: true));
        }

        return facts;
    }

    private static RewriteFacts Field(ReadOnlySpan<byte> content, FieldRewrite field)
    {
        ReadOnlySpan<byte> before = content[field.Field.Start..field.Field.End];
        byte[] after = field.IsKept ? before.ToArray() : FieldSplicer.Apply(before, field.Field.Start, field.Splices);
        string name = Encoding.ASCII.GetString(content.Slice(field.Field.Start, field.Field.NameLength));
        return new RewriteFacts(name, Text(before), Text(after), Settings(field.Steps), field.IsKept, IsHeader: true);
    }

    private static string Text(ReadOnlySpan<byte> octets) =>
        Encoding.UTF8.GetString(octets).Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n');

    /// <summary>Each step has its setting's name.</summary>
    private static string[] Settings(RewriteSteps steps) =>
        [.. Enum.GetValues<RewriteSteps>().Where(step => step != RewriteSteps.None && steps.HasFlag(step)).Select(step => $"Rewrite:{step}")];
}
