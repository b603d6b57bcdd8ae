using RelayProxy.Mail;
using RelayProxy.Rewrite;
using RelayProxy.Rewrite.Aliases;

namespace RelayProxy.Commands;

/// <summary>The way from a name to everyone it stands for, for people and for programs.</summary>
internal static class AliasWays
{
    public static void Write(CommandContext context, RecipientExpansion expansion, AliasTree way)
    {
        if (way.Root is { } root)
        {
            Write(context, root, "");
        }

        if (expansion.Refusal is { } refusal)
        {
            context.Say($"refused: {refusal}");
        }
        else
        {
            context.Say($"goes to: {Goal(expansion)}");
        }
    }

    /// <summary>Everyone it stands for, on one line.</summary>
    public static string Goal(RecipientExpansion expansion) =>
        expansion.Recipients.Count == 0 ? "nobody, and is thrown away" : string.Join(", ", expansion.Recipients.Select(Shown));

    public static AliasLookupFacts Facts(string name, RecipientExpansion expansion, AliasTree way) => new()
    {
        Name = name,
        Refused = expansion.Refusal?.ToString(),
        Recipients = [.. expansion.Recipients.Select(Shown)],
        Way = way.Root is { } root ? Facts(root) : null,
    };

    private static void Write(CommandContext context, AliasTree.Node node, string indent)
    {
        string?[] said =
        [
            node.Alias is { } alias ? $"{(alias.IsList ? "list" : $"alias {alias.Key}")} at {alias.Place}" : null,
            .. node.Notes,
            node.Reply?.ToString(),
            node.Recipient is { Local: not null } recipient ? Shown(recipient) : null,
            node.Recipient is { ReturnPath: { } owner } ? $"from {owner}" : null,
        ];
        context.Say(string.Join("  ", [indent + node.What, .. said.OfType<string>()]));
        foreach (AliasTree.Node child in node.Children)
        {
            Write(context, child, indent + "  ");
        }
    }

    private static AliasStepFacts Facts(AliasTree.Node node) => new()
    {
        What = node.What,
        At = node.Place?.ToString(),
        AliasAt = node.Alias?.Place.ToString(),
        Recipient = node.Recipient is { } recipient ? Shown(recipient) : null,
        Refused = node.Reply?.ToString(),
        Notes = node.Notes.Count > 0 ? node.Notes : null,
        Steps = node.Children.Count > 0 ? [.. node.Children.Select(Facts)] : null,
    };

    private static string Shown(Recipient recipient) => recipient.Local switch
    {
        null => recipient.Address.ToString(),
        { Kind: LocalDestinationKind.User } user => $"mailbox of {user.Target}",
        { Kind: LocalDestinationKind.Command } command => $"|{command.Target}",
        { } file => file.Target,
    };
}
