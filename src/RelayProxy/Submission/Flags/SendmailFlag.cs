namespace RelayProxy.Submission.Flags;

/// <summary>Where a flag's argument stands, if it has one.</summary>
internal enum FlagArgument
{
    None,

    /// <summary>Behind the letter, or the next word (<c>-fann</c>, <c>-f ann</c>).</summary>
    Required,

    /// <summary>Behind the letter or nowhere: the next word is never taken for it (<c>-q30m</c>, <c>-q</c>).</summary>
    Attached,
}

/// <summary>What a flag means here.</summary>
internal enum FlagMeaning
{
    /// <summary>Nothing: what it asks for was of use to another program, or to another time.</summary>
    PassedOver,
    Mode,
    BodyType,
    FullName,
    HeaderRecipients,
    DotIsText,
    NewAliases,
    Notify,
    Option,
    QueueRun,
    Return,
    Sender,
    Verbose,
    EnvelopeId,
}

/// <summary>One flag of the sendmail command.</summary>
/// <param name="Word">The argument's name in help; empty if there is none.</param>
/// <param name="Description">For help and manual: what it does, or why it does nothing.</param>
internal sealed record SendmailFlag(char Letter, FlagArgument Argument, FlagMeaning Meaning, string Word, string Description)
{
    /// <summary><c>-f address</c>, <c>-q[argument]</c>, <c>-t</c>.</summary>
    public string Usage => Argument switch
    {
        FlagArgument.None => $"-{Letter}",
        FlagArgument.Required => $"-{Letter} {Word}",
        FlagArgument.Attached when Word.Length == 0 => $"-{Letter}",
        FlagArgument.Attached => $"-{Letter}[{Word}]",
    };
}
