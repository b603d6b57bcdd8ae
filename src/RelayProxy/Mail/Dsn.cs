namespace RelayProxy.Mail;

/// <summary>When a sender wants to hear of a recipient: NOTIFY of RFC 3461 §4.1. <see cref="Unspecified"/> means the
/// parameter was absent, which is not the same as any value of it.</summary>
[Flags]
internal enum DsnNotify
{
    Unspecified = 0,
    Never = 1,
    Success = 2,
    Failure = 4,
    Delay = 8,
}

/// <summary>How much of the message a failure report returns: RET of RFC 3461 §4.3.</summary>
internal enum DsnReturn
{
    Unspecified = 0,
    Full = 1,
    Headers = 2,
}
