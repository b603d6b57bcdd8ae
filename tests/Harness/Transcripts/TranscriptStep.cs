namespace RelayProxy.Harness.Transcripts;

/// <summary>What one line of a transcript asks for.</summary>
internal enum StepKind
{
    /// <summary><c>C:</c> and <c>C|</c>: the client says.</summary>
    ClientSays,

    /// <summary><c>C!</c>: the client hangs up.</summary>
    ClientHangsUp,

    /// <summary><c>S:</c>: the relay answers exactly this line.</summary>
    RelayAnswers,

    /// <summary><c>S~</c>: the relay answers a line like this.</summary>
    RelayAnswersLike,

    /// <summary><c>S+</c>: the relay goes on, up to a line like this.</summary>
    RelayAnswersUpTo,

    /// <summary><c>S!</c>: the relay hangs up, and has said nothing more.</summary>
    RelayHangsUp,

    /// <summary><c>R:</c>, <c>R~</c>, <c>R+</c>, <c>R!</c>: the same, said by the relay to the smarthost.</summary>
    RelaySays,
    RelaySaysLike,
    RelaySaysUpTo,
    RelayLeaves,

    /// <summary><c>U:</c> and <c>U|</c>: the smarthost says.</summary>
    SmarthostSays,

    /// <summary><c>U!</c>: the smarthost hangs up.</summary>
    SmarthostHangsUp,

    /// <summary><c>@config key=value</c>.</summary>
    Config,

    /// <summary><c>@wait 00:05:00</c>: the clock moves on.</summary>
    Wait,

    /// <summary><c>@smarthost away</c> or <c>@smarthost back</c>: it cannot, or can again, be connected to.</summary>
    Smarthost,

    /// <summary><c>@queue N</c>: once the relay has settled, so many messages are in the queue; without a number, only settle.</summary>
    Queue,

    /// <summary><c>@connect</c>: the client connects anew; what the old connection still had to say must be nothing.</summary>
    Connect,
}

/// <param name="Line">In the file, from 1.</param>
/// <param name="Text">As it stands in the file, without the mark.</param>
internal readonly record struct TranscriptStep(int Line, StepKind Kind, string Text)
{
    /// <summary>What the client or the smarthost says.</summary>
    public byte[] Octets { get; init; } = [];
}
