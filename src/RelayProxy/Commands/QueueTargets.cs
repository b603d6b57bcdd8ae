using System.CommandLine;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Commands;

/// <summary>Which messages a queue command is about: ids, an address or a domain, <c>--all</c>, <c>--deferred</c>, <c>--state</c>.</summary>
internal sealed class QueueTargets
{
    private readonly Argument<string[]> _names = new("id or address")
    {
        Description = "Queue ids; or an address, or @domain for all of a domain, of sender or recipient.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> _all = new("--all") { Description = "Every message." };

    private readonly Option<bool> _deferred = new("--deferred") { Description = "Messages that have been tried and wait to be tried again." };

    private readonly Option<string?> _state = new("--state") { Description = "Messages with a recipient in this state." };

    public QueueTargets() => _state.AcceptOnlyFromAmong("waiting", "held", "parked");

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(_names);
        command.Options.Add(_all);
        command.Options.Add(_deferred);
        command.Options.Add(_state);
    }

    /// <summary>What was asked for.</summary>
    /// <param name="trouble">Why it cannot be understood, where it is <c>null</c>.</param>
    public QueueSelection? Read(ParseResult parsed, bool requireSome, out string trouble)
    {
        trouble = "";
        var ids = new List<QueueId>();
        string? address = null;
        foreach (string name in parsed.GetValue(_names) ?? [])
        {
            if (QueueId.TryParse(name, out QueueId id))
            {
                ids.Add(id);
            }
            else if (!name.Contains('@', StringComparison.Ordinal))
            {
                trouble = $"\"{name}\" is neither a queue id nor an address";
                return null;
            }
            else if (address is not null)
            {
                trouble = "one address at a time";
                return null;
            }
            else
            {
                address = name.Trim('<', '>');
            }
        }

        bool some = ids.Count > 0 || address is not null || parsed.GetValue(_deferred) || parsed.GetValue(_state) is not null;
        if (some && parsed.GetValue(_all))
        {
            trouble = "--all is every message; leave out the rest";
            return null;
        }

        if (requireSome && !some && !parsed.GetValue(_all))
        {
            trouble = "which messages? Name ids or an address, or say --all or --deferred";
            return null;
        }

        return new QueueSelection
        {
            Ids = ids,
            Address = address,
            State = parsed.GetValue(_state) is { } state ? Enum.Parse<RecipientState>(state, ignoreCase: true) : null,
            Deferred = parsed.GetValue(_deferred),
        };
    }
}
