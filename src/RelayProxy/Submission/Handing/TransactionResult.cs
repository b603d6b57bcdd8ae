using RelayProxy.Mail;

namespace RelayProxy.Submission.Handing;

/// <summary>What the relay said of one transaction, as far as it came.</summary>
/// <param name="recipients">In the order in which they are named to the relay.</param>
internal sealed class TransactionResult(IReadOnlyList<Mailbox> recipients)
{
    private readonly RelayReply?[] _replies = new RelayReply?[recipients.Count];
    private RelayReply? _data;

    public IReadOnlyList<Mailbox> Recipients => recipients;

    /// <summary>What it said of MAIL.</summary>
    public RelayReply? Sender { get; private set; }

    /// <summary>What it said of the whole message, at its end.</summary>
    public RelayReply? Final { get; set; }

    /// <summary>The end of the message may have reached it.</summary>
    public bool IsAllSent { get; set; }

    public bool AnyAccepted { get; private set; }

    /// <summary>It asked for the content.</summary>
    public bool WantsContent => _data is { Code: 354 };

    /// <summary>It is safe with the relay, for the recipients it accepted.</summary>
    public bool IsTaken => AnyAccepted && Final is { IsSuccess: true };

    /// <summary>What stands in the way of the message as a whole; <c>null</c> if it is not that.</summary>
    public RelayReply? Refusal => Sender is { IsSuccess: false } ? Sender
        : !AnyAccepted ? null
        : Final is { IsSuccess: false } ? Final
        : _data is { Code: not 354 } ? _data
        : null;

    /// <summary>The relay's reply to a recipient; <c>null</c> if there is none yet.</summary>
    public RelayReply? Of(int recipient) => _replies[recipient];

    /// <summary>Takes the reply to a command: 0 is MAIL, the last one DATA, the recipients stand between them.</summary>
    /// <exception cref="RelayLostException">It is a farewell.</exception>
    public void Hear(int command, RelayReply reply)
    {
        if (command == 0)
        {
            Sender = reply;
        }
        else if (command > recipients.Count)
        {
            _data = reply;
        }
        else if (reply.Code != Farewell)
        {
            _replies[command - 1] = reply;
            AnyAccepted |= reply.IsSuccess;
        }

        if (reply.Code == Farewell)
        {
            throw new RelayLostException(reply.ToString());
        }
    }

    /// <param name="isLast">The next command is DATA.</param>
    public bool MayGoOn(bool isLast) => Sender is null or { IsSuccess: true } && (!isLast || AnyAccepted);

    /// <summary>421: it closes the connection, whatever was asked (RFC 5321 §3.8).</summary>
    private const int Farewell = 421;
}
