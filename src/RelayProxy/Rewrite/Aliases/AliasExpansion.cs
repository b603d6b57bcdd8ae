using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Rewrite.Aliases;

/// <summary>
/// Follows one recipient through the aliases to everyone it stands for. Each alias is followed once, so that the work is bounded by the
/// length of the file whatever is in it; duplicates collapse; an alias that names itself, and <c>\name</c>, mean the name and no alias.
/// </summary>
internal sealed class AliasExpansion(LocalNames names, AliasTable? table, AliasBook book, RewriteOptions options)
{
    /// <summary>Aliases and included lists, one within the other.</summary>
    public const int MaxDepth = 20;

    /// <summary>Recipients of one message.</summary>
    public const int MaxResults = 10_000;

    private readonly List<Recipient> _results = [];
    private readonly HashSet<Recipient> _found = new(RecipientPlace.Comparer);
    private readonly List<FailedPart> _failures = [];
    private readonly HashSet<AliasEntry> _followed = [];
    private readonly List<AliasEntry> _path = [];
    private Mailbox? _owner;
    private bool _isDiscarded;
    private bool _isFallback;
    private SmtpReply? _giveUp;

    /// <summary>Gets every step, for those who want to see the way.</summary>
    public IAliasTrace? Trace { get; init; }

    public ExpandedName Run(Mailbox name)
    {
        Follow(name, from: null, mayBeAlias: true);
        return Result();
    }

    private ExpandedName Result()
    {
        // Whoever meant a part to wait, or a list that cannot be read now, is not served by mail that has gone to the others already.
        SmtpReply? refusal = _giveUp ?? _failures.Find(failure => failure.IsLater)?.Reply;
        if (refusal is null && _results.Count == 0 && !_isDiscarded)
        {
            refusal = (_failures.Find(failure => failure.Reply.Severity == Severity.Transient) ?? _failures.FirstOrDefault())?.Reply
                ?? AliasReplies.Loop;
        }

        return new ExpandedName(refusal is null ? _results : [], _failures, refusal);
    }

    private void Follow(Mailbox name, AliasDestination? from, bool mayBeAlias)
    {
        if (_giveUp is not null)
        {
            return;
        }

        Trace?.Enter(mayBeAlias ? name.ToString() : $"\\{name}", from?.Place);
        if (mayBeAlias && Find(name) is { } entry && !ReferenceEquals(_path.FindLast(step => !step.IsList), entry))
        {
            Follow(entry, name, from);
        }
        else
        {
            Settle(name, from, mayBeAlias);
        }

        Trace?.Leave();
    }

    /// <param name="name">As what it was asked for: an address for the log and for reports.</param>
    private void Follow(AliasEntry entry, Mailbox name, AliasDestination? from)
    {
        if (_path.Contains(entry))
        {
            Fail(from, AliasReplies.Loop);
            return;
        }

        if (_path.Count == MaxDepth)
        {
            GiveUp(AliasReplies.TooDeep);
            return;
        }

        if (!_followed.Add(entry))
        {
            Trace?.Say("there already");
            return;
        }

        Trace?.Via(entry);
        Mailbox? outerOwner = _owner;
        if (table?.OwnerOf(entry) is { } owner)
        {
            _owner = OwnerAddress(owner);
        }

        _path.Add(entry);
        foreach (AliasDestination destination in entry.Destinations)
        {
            Follow(destination, name);
        }

        _path.RemoveAt(_path.Count - 1);
        _owner = outerOwner;
    }

    private void Follow(AliasDestination destination, Mailbox name)
    {
        if (destination.Kind is AliasDestinationKind.Address or AliasDestinationKind.Final)
        {
            Follow(destination.Address!, destination, destination.Kind == AliasDestinationKind.Address);
            return;
        }

        Trace?.Enter(destination.ToString(), destination.Place);
        switch (destination.Kind)
        {
            case AliasDestinationKind.Include:
                if (book.Include(destination.Text) is { } list)
                {
                    Follow(list, name, destination);
                }
                else
                {
                    Fail(destination, AliasReplies.NoInclude, isLater: true);
                }

                break;
            case AliasDestinationKind.Blackhole:
                _isDiscarded = true;
                Trace?.Say("thrown away");
                break;
            case AliasDestinationKind.Refusal:
                Fail(destination, destination.Reply!.Value, isLater: destination.Reply.Value.Severity == Severity.Transient);
                break;
            case AliasDestinationKind.Broken:
                Fail(destination, destination.Reply!.Value);
                break;
            case AliasDestinationKind.File or AliasDestinationKind.Folder or AliasDestinationKind.Command:
                if (Forbidden(destination) is { } refusal)
                {
                    Fail(destination, refusal);
                }
                else
                {
                    Add(names.Qualified(name), new LocalDestination(KindOf(destination), destination.Text), destination);
                }

                break;
        }

        Trace?.Leave();
    }

    /// <summary>A name that is no alias, or shall not be taken for one.</summary>
    private void Settle(Mailbox name, AliasDestination? from, bool mayBeAlias)
    {
        if (!_isFallback && names.PostmasterFor(name) is { } postmaster)
        {
            FallBack(postmaster, "Delivery:PostmasterAddress", from);
        }
        else if (names.TryFindUser(name, out string? user))
        {
            Add(names.Qualified(name), new LocalDestination(LocalDestinationKind.User, user), from);
        }
        else if (!names.IsHere(name))
        {
            if (Origin.IsUnqualified(name.Domain))
            {
                Fail(from, AliasReplies.Unqualified);
            }
            else
            {
                Add(name, null, from);
            }
        }
        else if (_isFallback)
        {
            // Who is named as the last resort gets the mail, whatever it is: there is nobody after it.
            Add(names.Qualified(name), null, from);
        }
        else if (mayBeAlias && table?.CatchAll is { } catchAll && !_path.Contains(catchAll))
        {
            Follow(catchAll, name, from);
        }
        else
        {
            Unknown(name, from);
        }
    }

    private void Unknown(Mailbox name, AliasDestination? from)
    {
        if (table is null)
        {
            Fail(from, AliasReplies.NoAliases, isLater: true);
        }
        else if (names.Unknown.Qualifies || LocalNames.MustBeTaken(name))
        {
            Add(names.Qualified(name), null, from);
        }
        else if (names.Unknown.Address is { } address)
        {
            FallBack(address, "Rewrite:UnknownLocal", from);
        }
        else
        {
            Fail(from, AliasReplies.UnknownLocal);
        }
    }

    private void FallBack(Mailbox address, string setting, AliasDestination? from)
    {
        Trace?.Say(setting);
        _isFallback = true;
        Follow(address, from, mayBeAlias: true);
        _isFallback = false;
    }

    private void Add(Mailbox address, LocalDestination? local, AliasDestination? from)
    {
        var recipient = new Recipient(address) { Local = local, ReturnPath = _owner };
        if (!_found.Add(recipient))
        {
            Trace?.Say("there already");
        }
        else if (_results.Count == MaxResults)
        {
            GiveUp(AliasReplies.TooMany);
        }
        else
        {
            _results.Add(recipient);
            Trace?.Result(recipient, from);
        }
    }

    private void Fail(AliasDestination? part, SmtpReply reply, bool isLater = false)
    {
        _failures.Add(new FailedPart(part, reply, isLater));
        Trace?.Fail(reply);
    }

    private void GiveUp(SmtpReply reply)
    {
        _giveUp ??= reply;
        Trace?.Fail(reply);
    }

    /// <summary>Why a program or a file may not be named here; <c>null</c> if it may.</summary>
    private SmtpReply? Forbidden(AliasDestination destination)
    {
        // Who writes a list may name an alias that runs a program: anybody may send to that alias.
        bool isIncluded = _path[^1].IsList;
        bool isCommand = destination.Kind == AliasDestinationKind.Command;
        return (isCommand, isIncluded) switch
        {
            (true, false) when !options.AllowCommands => AliasReplies.NotAllowed("Rewrite:AllowCommands"),
            (false, false) when !options.AllowFiles => AliasReplies.NotAllowed("Rewrite:AllowFiles"),
            (true, true) when !options.AllowCommandsInIncludes => AliasReplies.NotAllowed("Rewrite:AllowCommandsInIncludes"),
            (false, true) when !options.AllowFilesInIncludes => AliasReplies.NotAllowed("Rewrite:AllowFilesInIncludes"),
            _ => IsWrittenSafely() ? null : AliasReplies.NotSafe,
        };
    }

    /// <summary>Whether the entry that names a destination, and for a list the alias that includes it, are nobody else's.</summary>
    private bool IsWrittenSafely()
    {
        int from = Math.Max(0, _path.FindLastIndex(step => !step.IsList));
        return _path.FindIndex(from, step => !step.IsSafe) < 0;
    }

    /// <summary>The one address that the owner stands for, so that a provider sees a sender it knows; else <c>owner-list</c> itself.</summary>
    private Mailbox OwnerAddress(AliasEntry owner)
    {
        AliasEntry entry = owner;
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            if (entry.Destinations is not [{ Address: { } only } destination])
            {
                break;
            }

            AliasEntry? next = destination.Kind == AliasDestinationKind.Address ? Find(only) : null;
            if (next is not null && next != entry)
            {
                entry = next;
                continue;
            }

            Mailbox person = names.PostmasterFor(only) ?? only;
            if (!names.IsHere(person) || names.TryFindUser(person, out _))
            {
                return names.Qualified(person);
            }

            break;
        }

        return names.Qualified(new Mailbox(owner.Key.LocalPart, owner.Key.Domain));
    }

    private AliasEntry? Find(Mailbox name) => table?.Find(name, name.IsBare ? names.Origin.Domain : name.Domain, names.IsOurs(name));

    private static LocalDestinationKind KindOf(AliasDestination destination) => destination.Kind switch
    {
        AliasDestinationKind.File => LocalDestinationKind.File,
        AliasDestinationKind.Folder => LocalDestinationKind.Folder,
        _ => LocalDestinationKind.Command,
    };
}

/// <summary>Everyone a name stands for.</summary>
/// <param name="Recipients">Empty and no <paramref name="Refusal"/>: accepted, and thrown away.</param>
/// <param name="Failures">Parts that lead nowhere while others do.</param>
internal readonly record struct ExpandedName(
    IReadOnlyList<Recipient> Recipients, IReadOnlyList<FailedPart> Failures, SmtpReply? Refusal);

/// <param name="Part">What leads nowhere; <c>null</c>: the name that was asked for.</param>
/// <param name="IsLater">The whole waits for it.</param>
internal sealed record FailedPart(AliasDestination? Part, SmtpReply Reply, bool IsLater);
