using RelayProxy.Smtp;
using RelayProxy.Upstream;

namespace RelayProxy.Delivery;

/// <summary>What an attempt came to, for one recipient.</summary>
internal enum Disposition
{
    /// <summary>The smarthost has taken it over.</summary>
    Delivered,

    /// <summary>Try again later.</summary>
    Deferred,

    /// <summary>Never: tell the sender.</summary>
    Bounced,

    /// <summary>Refused for what looks like a mistake in our own settings: keep it until a person has had a look.</summary>
    Parked,
}

/// <summary>How far a trouble reaches.</summary>
internal enum FailureScope
{
    /// <summary>There is none.</summary>
    None,

    Recipient,

    Message,

    /// <summary>All mail for this smarthost. Says nothing about the message, so it is not counted as an attempt at it.</summary>
    Smarthost,
}

/// <summary>What the smarthost's reply asks of us beyond this one recipient.</summary>
internal enum Remedy
{
    None,

    /// <summary>The transaction is full: send to the rest in the next one, at once.</summary>
    NextTransaction,

    /// <summary>Too fast: fewer connections and a short pause.</summary>
    SlowDown,

    /// <summary>The account's allowance is used up: pause for hours.</summary>
    Pause,

    /// <summary>The account or its settings are at fault: hold everything, and probe seldom.</summary>
    Hold,

    /// <summary>The smarthost is going away (421): rest a little.</summary>
    Rest,

    /// <summary>The connection was lost in the middle: the smarthost's trouble or this message's. A few in a row mean the former.</summary>
    Suspect,
}

/// <summary>The judgement on one reply.</summary>
internal readonly record struct Outcome(Disposition Disposition, FailureScope Scope, DeliveryStage Stage, SmtpReply Reply, Remedy Remedy = Remedy.None)
{
    /// <summary>Whether the next pause of this recipient grows.</summary>
    public bool CountsAsAttempt => Scope is FailureScope.Recipient or FailureScope.Message;
}
