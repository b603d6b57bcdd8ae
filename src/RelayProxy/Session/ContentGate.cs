using RelayProxy.Intake;
using RelayProxy.Smtp;

namespace RelayProxy.Session;

/// <summary>Keeps the content of one message within its bounds. Once it is too much, it is refused: the transaction drops what it has and
/// swallows the rest, so that the session can read on to the message's end and the next command is a command.</summary>
internal sealed class ContentGate(SessionOptions options, OctetsInFlight inFlight)
{
    private IntakeTransaction? _transaction;
    private long _taken;

    /// <summary>Why the message will be refused; <c>null</c> while it is within bounds.</summary>
    public SmtpReply? Refusal { get; private set; }

    public void Open(IntakeTransaction transaction) => _transaction = transaction;

    /// <summary>Counts what was written into the transaction, and moves it on towards the store.</summary>
    public ValueTask PassAsync(CancellationToken cancellationToken)
    {
        long octets = _transaction!.ContentOctets;
        if (Refusal is null && octets > options.MaxMessageOctets)
        {
            Refuse(Replies.TooLarge(options.MaxMessageOctets));
        }
        else if (Refusal is null && !TryTakeUpTo(octets))
        {
            Refuse(Replies.TooMuchUnderWay);
        }

        return _transaction.DrainAsync(cancellationToken);
    }

    /// <summary>The message is stored, or given up.</summary>
    public void Close()
    {
        GiveBack();
        _transaction = null;
        Refusal = null;
    }

    private bool TryTakeUpTo(long octets)
    {
        if (!inFlight.TryTake(octets - _taken, options.MaxOctetsInFlight))
        {
            return false;
        }

        _taken = octets;
        return true;
    }

    /// <summary>Room is given back now, not when the client has said the rest.</summary>
    private void Refuse(SmtpReply refusal)
    {
        Refusal = refusal;
        _transaction!.Refuse(refusal);
        GiveBack();
    }

    private void GiveBack()
    {
        inFlight.Release(_taken);
        _taken = 0;
    }
}
