using RelayProxy.Intake;

namespace RelayProxy.Submission.Text;

/// <summary>How a program wants its text read, by the flags of sendmail that it gave.</summary>
internal sealed record TextRequest
{
    /// <summary><c>-t</c>: the header says who gets it.</summary>
    public bool RecipientsFromHeader { get; init; }

    /// <summary>Neither <c>-i</c> nor <c>-oi</c>: a line that is a lone dot ends the text.</summary>
    public bool DotEndsText { get; init; }

    /// <summary><c>-F</c>, or the variable NAME: what a From that has to be made calls the sender. Empty: nothing is known.</summary>
    public string FullName { get; init; } = "";

    /// <summary>The envelope sender, whom such a From names; a bare name (<c>root</c>) will do. Empty: the null sender.</summary>
    public string Sender { get; init; } = "";

    public LongLines LongLines { get; init; }

    /// <summary>The most octets that the message may have, line ends counted as the two octets they travel as; 0: no bound.</summary>
    public long MaxOctets { get; init; }

    /// <summary>Each becomes an <c>X-Authentication-Warning</c> field on top.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
