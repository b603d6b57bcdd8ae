using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Rewrite;

namespace RelayProxy.Unit.Rewrite.Aliases;

/// <summary>A machine called web1.corp.example, whose bare names get example.net, with aliases in a file of its own and, if a test wants them,
/// users with mailboxes.</summary>
internal sealed class TestNames : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Rewriter _rewriter;

    public TestNames(string aliases = "")
    {
        AliasFile = Path.Combine(_folder.Path, "aliases");
        File.WriteAllText(AliasFile, aliases);
        Options = new RewriteOptions { Origin = "example.net", AliasFile = AliasFile };
        _rewriter = new Rewriter(() => Options, () => Postmaster, () => "web1.corp.example", Users, Clock, Logger);
    }

    public RewriteOptions Options { get; set; }

    public string Postmaster { get; set; } = "";

    public TestUsers Users { get; } = new();

    public TestClock Clock { get; } = new();

    public RecordingLogger Logger { get; } = new();

    public Rewriter Rewriter => _rewriter;

    public string AliasFile { get; }

    /// <summary>Writes a file that aliases can include, and says where it is.</summary>
    public string Write(string name, string text)
    {
        string path = Path.Combine(_folder.Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    public RecipientExpansion Expand(string recipient, bool hasSender = true, DsnNotify notify = default) =>
        _rewriter.Recipient(new Recipient(Parsed(recipient), notify), hasSender);

    /// <summary>Who gets it, as one text: addresses, <c>=user</c>, <c>/file</c>, <c>|command</c>; or the reply.</summary>
    public string Who(string recipient)
    {
        RecipientExpansion expansion = Expand(recipient);
        return expansion.Refusal?.ToString() ?? string.Join(", ", expansion.Recipients.Select(Shown));
    }

    public static string Shown(Recipient recipient) => recipient.Local switch
    {
        null => recipient.Address.ToString(),
        { Kind: LocalDestinationKind.User } user => "=" + user.Target,
        { Kind: LocalDestinationKind.Command } command => "|" + command.Target,
        { } file => file.Target,
    };

    public static Mailbox Parsed(string address)
    {
        Assert.True(MailboxParser.TryParse(address, out Mailbox? mailbox), address);
        return mailbox!;
    }

    public void Dispose() => _folder.Dispose();

    internal sealed class TestUsers : ILocalUsers
    {
        public HashSet<string> Names { get; } = [];

        public bool HaveMailboxes => Names.Count > 0;

        public string? NameOf(string name) => new[] { name, name.ToLowerInvariant() }.FirstOrDefault(Names.Contains);
    }
}
