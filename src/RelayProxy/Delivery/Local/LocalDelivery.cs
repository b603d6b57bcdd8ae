using Microsoft.Extensions.Logging;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Rewrite;
using RelayProxy.Smtp;
using RelayProxy.Upstream;

namespace RelayProxy.Delivery.Local;

/// <summary>What the settings permit aliases to name. Looked at again here: what was permitted at RCPT may not be any more.</summary>
internal readonly record struct AliasRights(bool Commands, bool Files)
{
    /// <summary>Who wrote an alias is not known any more, so that what included files may name counts as permitted.</summary>
    public static AliasRights Of(RewriteOptions options) => new(
        Commands: options.AllowCommands || options.AllowCommandsInIncludes, Files: options.AllowFiles || options.AllowFilesInIncludes);
}

/// <summary>
/// One attempt at those recipients of one message who live on this machine: each by itself, into a mailbox, a file, a command or the LMTP
/// server. Says what came of it, in the words of SMTP; what to do about it is others' business.
/// </summary>
internal sealed class LocalDelivery(
    Func<LocalOptions> options,
    Func<AliasRights> rights,
    Func<SmarthostOptions> timeouts,
    SystemUsers users,
    Func<string> hostName,
    TimeProvider clock,
    ILogger logger)
{
    /// <summary>What stands in a smarthost's place in logs and in the history.</summary>
    public const string Name = "local";

    private readonly FileDelivery _files = new(clock, logger);

    /// <summary>Deliveries that nobody waits for any more and that have not come back.</summary>
    public int Stuck => _files.Stuck;

    public static AttemptResult Result(IReadOnlyList<RecipientResult> recipients, DateTimeOffset? began = null) =>
        new() { Smarthost = Name, Began = began, Recipients = recipients };

    public async Task<AttemptResult> RunAsync(QueueLease lease, CancellationToken cancellationToken)
    {
        LocalOptions current = options();
        DateTimeOffset began = clock.GetUtcNow();
        var results = new List<RecipientResult>(lease.Due.Count);
        try
        {
            byte[] header = await ReadHeaderAsync(lease, cancellationToken).ConfigureAwait(false);
            bool isLmtp = current.Delivery == LocalMailbox.Lmtp;
            QueuedRecipient[] ofServer = isLmtp ? [.. lease.Due.Where(IsUser)] : [];
            foreach (IGrouping<Mailbox?, QueuedRecipient> alike in ofServer.GroupBy(recipient => recipient.Recipient.ReturnPath))
            {
                results.AddRange(await ByLmtpAsync(lease, [.. alike], current, cancellationToken).ConfigureAwait(false));
            }

            foreach (QueuedRecipient recipient in lease.Due.Except(ofServer))
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    break;
                }

                results.Add(await DeliverAsync(lease, recipient, header, current, cancellationToken).ConfigureAwait(false));
            }
        }
        catch (InvalidDataException damage)
        {
            // Not what was accepted: nobody gets it, and it is not thrown away either.
            var outcome = new Outcome(Disposition.Parked, FailureScope.Message, DeliveryStage.Body, new SmtpReply(554, 3, 0, $"Not delivered: {damage.Message}"));
            results.AddRange(Left(lease, results).Select(recipient => new RecipientResult(recipient, outcome, FromSmarthost: false)));
        }
        catch (Exception fault) when (fault is IOException or ContentUnreadableException)
        {
            SmtpReply reply = new(451, 3, 0, $"Cannot be read from the queue: {fault.Message}");
            results.AddRange(Left(lease, results).Select(recipient => Judge(recipient, reply)));
        }

        return Result(results, began);
    }

    private async Task<RecipientResult> DeliverAsync(
        QueueLease lease, QueuedRecipient recipient, byte[] header, LocalOptions current, CancellationToken cancellationToken)
    {
        Recipient to = recipient.Recipient;
        LocalDestination destination = to.Local!;
        var letter = new Letter(lease, to, clock.GetLocalNow());
        if (Letter.WasDeliveredTo(header, to.Address))
        {
            return Judge(recipient, LocalReplies.Loop(to.Address.ToString()));
        }

        Task<Delivery> delivery = destination.Kind switch
        {
            LocalDestinationKind.User => ToUserAsync(destination.Target, letter, current, cancellationToken),
            LocalDestinationKind.File or LocalDestinationKind.Folder => ToFileAsync(destination, letter, current, cancellationToken),
            LocalDestinationKind.Command => ToCommandAsync(destination.Target, letter, current, cancellationToken),
        };
        try
        {
            (SmtpReply reply, bool inDoubt) = await delivery.ConfigureAwait(false);
            return Judge(recipient, reply, inDoubt);
        }
        catch (PosixException fault)
        {
            return Judge(recipient, LocalReplies.Of(fault));
        }
    }

    private async Task<Delivery> ToUserAsync(string name, Letter letter, LocalOptions current, CancellationToken cancellationToken)
    {
        if (current.Delivery == LocalMailbox.None)
        {
            return new(LocalReplies.NoMailboxes);
        }

        UserAnswer answer = users.Find(name);
        if (answer.User is not { } user)
        {
            return new(answer.Trouble is { } trouble ? LocalReplies.UserUnknownNow(name, trouble) : LocalReplies.NoSuchUser(name));
        }

        if (current.Delivery == LocalMailbox.Mbox)
        {
            string path = Path.Combine(current.MboxFolder, user.Name);
            return Spool.Find(current.MboxFolder, user) is { } spool
                ? await _files.RunAsync(
                    path,
                    spool.Writer,
                    letter,
                    (content, patient) => MboxFile.Append(path, spool.Rules, letter, content, patient),
                    cancellationToken).ConfigureAwait(false)
                : new(LocalReplies.Misfit($"There is no folder {current.MboxFolder} (Local:MboxFolder)"));
        }

        if (MaildirPath.Of(current.Maildir, user) is not { } folder)
        {
            return new(LocalReplies.NoHome(user.Name));
        }

        return await ToMaildirAsync(folder, new Identity(user.Id ?? 0, user.Group ?? 0), letter, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Delivery> ToFileAsync(LocalDestination destination, Letter letter, LocalOptions current, CancellationToken cancellationToken)
    {
        if (destination.Target == "/dev/null")
        {
            return new(LocalReplies.Delivered(destination.Target));
        }

        if (!rights().Files)
        {
            return new(LocalReplies.FilesOff);
        }

        (LocalUser? user, SmtpReply? trouble) = CommandUser(current);
        if (trouble is { } reply)
        {
            return new(reply);
        }

        var identity = new Identity(user?.Id ?? 0, user?.Group ?? 0);
        string path = destination.Target.TrimEnd('/');
        if (destination.Kind == LocalDestinationKind.Folder)
        {
            return await ToMaildirAsync(path, identity, letter, cancellationToken).ConfigureAwait(false);
        }

        return await _files.RunAsync(
            path,
            identity,
            letter,
            (content, patient) => MboxFile.Append(path, MboxRules.OfAlias(path), letter, content, patient),
            cancellationToken).ConfigureAwait(false);
    }

    private Task<Delivery> ToMaildirAsync(string folder, Identity identity, Letter letter, CancellationToken cancellationToken)
    {
        string unique = Maildir.UniqueName(letter, hostName(), clock.GetUtcNow());
        return _files.RunAsync(
            folder, identity, letter, (content, patient) => Maildir.Deliver(folder, unique, letter, content, patient), cancellationToken);
    }

    private async Task<Delivery> ToCommandAsync(string line, Letter letter, LocalOptions current, CancellationToken cancellationToken)
    {
        if (!rights().Commands)
        {
            return new(LocalReplies.CommandsOff);
        }

        if (!CommandLine.TryParse(line, out IReadOnlyList<string>? words, out string why))
        {
            return new(LocalReplies.Misfit($"The alias's command cannot be run: {why}"));
        }

        string name = Path.GetFileName(words[0]);
        if (CommandRun.Find(words[0]) is not { } program)
        {
            return new(LocalReplies.Misfit($"The alias's command {name} is not there"));
        }

        (LocalUser? user, SmtpReply? trouble) = CommandUser(current);
        if (trouble is { } reply)
        {
            return new(reply);
        }

        try
        {
            CommandEnd end = await new CommandRun(user, current, clock).RunAsync(program, words.Skip(1), letter, cancellationToken).ConfigureAwait(false);
            return end.TimedOut
                ? new(cancellationToken.IsCancellationRequested ? LocalReplies.Stopped : LocalReplies.TookTooLong(name, current.CommandTimeout), InDoubt: true)
                : new(CommandResult.Of(name, end.ExitCode, end.Output));
        }
        catch (Exception fault) when (fault is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return new(LocalReplies.Misfit($"The alias's command {name} cannot be run: {fault.Message}"));
        }
    }

    /// <summary>As whom aliases' commands and files are run and written; nobody else than ourselves where we are not root.</summary>
    private static (LocalUser? User, SmtpReply? Trouble) CommandUser(LocalOptions current)
    {
        if (!Identity.CanChange)
        {
            return (null, null);
        }

        UserAnswer answer = SystemUsers.Ask(current.CommandUser);
        return answer.User is { Id: not null } user
            ? (user, null)
            : (null, answer.Trouble is { } trouble ? LocalReplies.UserUnknownNow(current.CommandUser, trouble) : LocalReplies.NoCommandUser(current.CommandUser));
    }

    private async Task<IEnumerable<RecipientResult>> ByLmtpAsync(
        QueueLease lease, QueuedRecipient[] recipients, LocalOptions current, CancellationToken cancellationToken)
    {
        if (!LmtpEndpoint.TryParse(current.Lmtp, out LmtpEndpoint? endpoint))
        {
            return recipients.Select(recipient => Judge(recipient, LocalReplies.Misfit("Local:Lmtp does not say where the server listens")));
        }

        var dialogue = new LmtpDialogue(endpoint, timeouts(), hostName(), clock);
        RecipientVerdict[] verdicts = await dialogue.SendAsync(
            new OutgoingMessage
            {
                Id = lease.Message.Id,
                Envelope = ReturnPaths.EnvelopeFor(lease.Message.Envelope, recipients[0].Recipient),
                Traits = lease.Message.Traits,

                Recipients = Array.ConvertAll(recipients, recipient => ForServer(recipient.Recipient)),
                Content = lease.Content,
            },
            cancellationToken).ConfigureAwait(false);
        return recipients.Zip(
            verdicts,
            (recipient, verdict) => Judge(recipient, verdict.Reply, verdict.MayHaveBeenDelivered) with { DsnPassedOn = dialogue.DsnPassedOn });
    }

    /// <summary>The user, not the alias that led to it; what stands behind a + is the server's to read.</summary>
    private static Recipient ForServer(Recipient recipient)
    {
        (string user, string asked) = (recipient.Local!.Target, recipient.Address.LocalPart);
        bool hasDetail = asked.StartsWith(user + "+", StringComparison.OrdinalIgnoreCase);
        return recipient with { Address = recipient.Address with { LocalPart = hasDetail ? user + asked[user.Length..] : user } };
    }

    private static QueuedRecipient[] Left(QueueLease lease, List<RecipientResult> results) =>
        [.. lease.Due.Where(recipient => results.TrueForAll(result => result.Recipient != recipient))];

    private static bool IsUser(QueuedRecipient recipient) => recipient.Recipient.Local is { Kind: LocalDestinationKind.User };

    /// <summary>Whatever is said here is said of one recipient: there is no smarthost to blame, and none to rest.</summary>
    private static RecipientResult Judge(QueuedRecipient recipient, SmtpReply reply, bool inDoubt = false)
    {
        Disposition disposition = reply.Severity switch
        {
            Severity.Success => Disposition.Delivered,
            Severity.Permanent => Disposition.Bounced,
            Severity.Transient or Severity.Intermediate or Severity.Unknown => Disposition.Deferred,
        };
        FailureScope scope = disposition == Disposition.Delivered ? FailureScope.None : FailureScope.Recipient;
        return new RecipientResult(recipient, new Outcome(disposition, scope, DeliveryStage.EndOfData, reply), FromSmarthost: false, inDoubt);
    }

    private static async ValueTask<byte[]> ReadHeaderAsync(QueueLease lease, CancellationToken cancellationToken)
    {
        byte[] header = new byte[lease.Message.HeaderOctets];
        await using Stream content = lease.Content.OpenRead();
        await content.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return header;
    }
}

/// <summary>What came of one delivery.</summary>
/// <param name="InDoubt">It may have arrived for all that is known.</param>
internal readonly record struct Delivery(SmtpReply Reply, bool InDoubt = false);
