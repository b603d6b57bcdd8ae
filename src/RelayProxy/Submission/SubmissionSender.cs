using RelayProxy.Mail;
using RelayProxy.Submission.Flags;
using RelayProxy.Submission.Handing;
using RelayProxy.Submission.Text;

namespace RelayProxy.Submission;

/// <summary>
/// Whom a message is from: <c>-f</c> (or <c>-r</c>); else $EMAIL; else the caller's login name, at $MAILNAME if that is set. The relay
/// completes a bare name.
/// </summary>
/// <param name="Address"><c>null</c>: the null sender.</param>
/// <param name="FullName"><c>-F</c>, or $NAME; empty if there is none.</param>
/// <param name="Warning">What <c>X-Authentication-Warning</c> has to say; empty if nothing.</param>
internal sealed record SubmissionSender(Mailbox? Address, string FullName, string Warning)
{
    private const string Everybody = "*";

    /// <exception cref="SubmissionException">The sender is no address.</exception>
    public static SubmissionSender Of(SendmailRequest request, Caller caller, SubmissionDigest digest)
    {
        string fullName = request.FullName ?? caller.Variable("NAME") ?? "";
        string? email = caller.Variable("EMAIL");
        (string? named, string by) = request.Sender is not null ? (request.Sender, "-f")
            : string.IsNullOrWhiteSpace(email) ? (null, "")
            : (email, "EMAIL");
        if (named is null)
        {
            return new SubmissionSender(OfLogin(caller), fullName, "");
        }

        Mailbox? address = named.Length == 0 ? null : AddressArguments.ReadOne(named);
        return new SubmissionSender(address, fullName, WarningOf(address, by, caller, digest));
    }

    /// <summary>How its text is to be read.</summary>
    public TextRequest Read(SendmailRequest request, SubmissionDigest digest) => new()
    {
        RecipientsFromHeader = request.HeaderRecipients,
        DotEndsText = !request.DotIsText,
        FullName = FullName,
        Sender = Address?.ToString() ?? "",
        LongLines = digest.LongLines,
        MaxOctets = digest.MaxMessageOctets,
        Warnings = Warning.Length > 0 ? [Warning] : [],
    };

    private static Mailbox OfLogin(Caller caller) => new(caller.UserName, caller.Variable("MAILNAME") is { Length: > 0 } domain ? domain : "");

    private static string WarningOf(Mailbox? address, string by, Caller caller, SubmissionDigest digest)
    {
        foreach (string trusted in digest.TrustedUsers)
        {
            if (trusted == Everybody || trusted == caller.UserName)
            {
                return "";
            }
        }

        return address == new Mailbox(caller.UserName, "") ? "" : $"{digest.HostName}: {caller.UserName} set sender to <{address}> using {by}";
    }
}
