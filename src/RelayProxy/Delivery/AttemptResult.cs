using RelayProxy.Queue;
using RelayProxy.Upstream;

namespace RelayProxy.Delivery;

/// <summary>What an attempt came to for one recipient.</summary>
/// <param name="FromSmarthost">Whether the outcome's reply is the smarthost's own.</param>
/// <param name="MayHaveBeenDelivered">The final dot was sent and no reply came.</param>
/// <param name="DsnPassedOn">The smarthost knows whether success is to be reported.</param>
internal readonly record struct RecipientResult(
    QueuedRecipient Recipient, Outcome Outcome, bool FromSmarthost, bool MayHaveBeenDelivered = false, bool DsnPassedOn = false);

/// <summary>What an attempt at one message came to. Recipients of the lease that are not named were not tried.</summary>
internal sealed record AttemptResult
{
    /// <summary><c>smtp.example.net:465</c>.</summary>
    public required string Smarthost { get; init; }

    /// <summary>When the message's turn came; <c>null</c> if it did not.</summary>
    public DateTimeOffset? Began { get; init; }

    /// <summary><c>TLSv1.3</c>; empty where there was none.</summary>
    public string Tls { get; init; } = "";

    public required IReadOnlyList<RecipientResult> Recipients { get; init; }

    /// <summary>No session came about; <see cref="Recipients"/> then carry its reply.</summary>
    public SessionFailure? Failure { get; init; }

    /// <summary>Nothing was tried: the time for it is over (<see cref="QueuedMessage.ExpiresAt"/>).</summary>
    public bool GivenUp { get; init; }

    /// <summary>The smarthost has judged the message, whatever it said: it is there, and takes mail from us.</summary>
    public bool WasHeard => Failure is null
        && Gravest.Remedy is Remedy.None or Remedy.NextTransaction
        && Recipients.Any(recipient => recipient.FromSmarthost);

    /// <summary>The outcome that asks most of us.</summary>
    public Outcome Gravest
    {
        get
        {
            Outcome gravest = Recipients[0].Outcome;
            foreach (RecipientResult result in Recipients)
            {
                gravest = Weight(result.Outcome.Remedy) > Weight(gravest.Remedy) ? result.Outcome : gravest;
            }

            return gravest;
        }
    }

    private static int Weight(Remedy remedy) => remedy switch
    {
        Remedy.None or Remedy.NextTransaction => 0,
        Remedy.Suspect => 1,
        Remedy.Rest => 2,
        Remedy.SlowDown => 3,
        Remedy.Pause => 4,
        Remedy.Hold => 5,
    };
}
