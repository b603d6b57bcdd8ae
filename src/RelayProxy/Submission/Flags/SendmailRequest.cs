using RelayProxy.Mail;

namespace RelayProxy.Submission.Flags;

/// <summary>What a sendmail was asked to do, as its arguments say it.</summary>
internal sealed class SendmailRequest
{
    public SendmailWork Work { get; set; }

    /// <summary>Words that are no flags: recipients, for most kinds of work.</summary>
    public List<string> Words { get; } = [];

    /// <summary><c>-t</c>.</summary>
    public bool HeaderRecipients { get; set; }

    /// <summary><c>-i</c>.</summary>
    public bool DotIsText { get; set; }

    /// <summary><c>-f</c> or <c>-r</c>; empty for the null sender, <c>null</c> if it was not given.</summary>
    public string? Sender { get; set; }

    /// <summary><c>-F</c>; <c>null</c> if it was not given.</summary>
    public string? FullName { get; set; }

    public DsnNotify Notify { get; set; }

    public DsnReturn Return { get; set; }

    /// <summary><c>-V</c>, plain; empty if it was not given.</summary>
    public string EnvelopeId { get; set; } = "";

    public bool IsVerbose { get; set; }

    /// <summary>What stood behind <c>-q</c>; <c>null</c> if it was not given.</summary>
    public string? QueueRun { get; set; }

    /// <summary><c>--config</c>.</summary>
    public string? ConfigurationFile { get; set; }

    /// <summary><c>--help</c>.</summary>
    public bool WantsHelp { get; set; }

    /// <summary>What was given and does nothing here.</summary>
    public List<string> PassedOver { get; } = [];

    /// <summary>What was given and no sendmail knows; or what nobody can make sense of.</summary>
    public List<string> Unknown { get; } = [];

    /// <summary>What cannot be meant; <c>null</c> if all of it can.</summary>
    public string? Fault { get; set; }
}
