using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Rewrite.Aliases;

/// <summary>Sees the way that an expansion takes.</summary>
internal interface IAliasTrace
{
    /// <summary>A name or a destination is looked at.</summary>
    /// <param name="place">Where it was written; <c>null</c>: it was asked for.</param>
    void Enter(string what, AliasPlace? place);

    /// <summary>It is an alias or a list.</summary>
    void Via(AliasEntry entry);

    /// <summary>It is a recipient.</summary>
    void Result(Recipient recipient, AliasDestination? from);

    void Fail(SmtpReply reply);

    /// <summary>Why it is what it is.</summary>
    void Say(string note);

    void Leave();
}
