using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Rewrite.Aliases;

/// <summary>The way of one expansion, as a tree of names.</summary>
internal sealed class AliasTree : IAliasTrace
{
    private readonly Stack<Node> _open = [];

    /// <summary>The name that was asked for; <c>null</c> if it never came so far.</summary>
    public Node? Root { get; private set; }

    public void Enter(string what, AliasPlace? place)
    {
        var node = new Node(what, place);
        if (_open.TryPeek(out Node? parent))
        {
            parent.Children.Add(node);
        }

        Root ??= node;
        _open.Push(node);
    }

    public void Via(AliasEntry entry) => _open.Peek().Alias = entry;

    public void Result(Recipient recipient, AliasDestination? from) => _open.Peek().Recipient = recipient;

    public void Fail(SmtpReply reply) => _open.Peek().Reply = reply;

    public void Say(string note) => _open.Peek().Notes.Add(note);

    public void Leave() => _open.Pop();

    /// <param name="What">A name, or a destination as it could be written.</param>
    /// <param name="Place">Where it was written; <c>null</c>: it was asked for.</param>
    internal sealed record Node(string What, AliasPlace? Place)
    {
        /// <summary>The alias or the included list that it is.</summary>
        public AliasEntry? Alias { get; set; }

        public Recipient? Recipient { get; set; }

        public SmtpReply? Reply { get; set; }

        public List<string> Notes { get; } = [];

        public List<Node> Children { get; } = [];
    }
}
