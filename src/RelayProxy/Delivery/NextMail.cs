using RelayProxy.Queue;
using RelayProxy.Upstream;

namespace RelayProxy.Delivery;

/// <summary>
/// The message that a run sends after the one at hand. It is taken when the end of that one is about to be written, so that its envelope can
/// go out in the same group; the connection on which that was done then waits here for its turn.
/// </summary>
internal sealed class NextMail(MailSource source)
{
    private MailToSend? _mail;
    private OutgoingMessage? _message;
    private SmarthostConnection? _connection;

    /// <summary>Takes one from the source, if there is one; it is the run's from now on.</summary>
    public QueueLease? Take()
    {
        if (_mail is null && source.TryTake(out MailToSend mail))
        {
            _mail = mail;
            return mail.Lease;
        }

        return null;
    }

    /// <summary>What is going to be sent of it first.</summary>
    public OutgoingMessage Prepare(OutgoingMessage message) => _message = message;

    /// <summary>The envelope has been said on this connection.</summary>
    public void Keep(SmarthostConnection connection) => _connection = connection;

    /// <summary>The connection on which a message's envelope has been said, and the message as it was announced.</summary>
    public bool TryUse(QueueLease lease, out (SmarthostConnection Connection, OutgoingMessage Message) announced)
    {
        announced = (_connection!, _message!);
        if (_connection is null || _message!.Id != lease.Message.Id)
        {
            return false;
        }

        _connection = null;
        return true;
    }

    /// <summary>The next message, for its turn.</summary>
    public bool TryTake(out MailToSend mail)
    {
        mail = _mail.GetValueOrDefault();
        bool taken = _mail is not null;
        _mail = null;
        return taken || source.TryTake(out mail);
    }

    /// <summary>What was announced will not be sent here: no content follows, so nothing of it was taken.</summary>
    public async ValueTask BreakOffAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The run ends: its message goes back to the front of the line.</summary>
    public async ValueTask GiveUpAsync()
    {
        await BreakOffAsync().ConfigureAwait(false);
        if (_mail is { } mail)
        {
            _mail = null;
            source.PutBack(mail);
        }
    }
}
