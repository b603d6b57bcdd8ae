using RelayProxy.Smtp;

namespace RelayProxy.Delivery.Local;

/// <summary>What is said of mail that stays here, by name: as a server would, so that everything after it judges as it does a
/// smarthost's replies. Whatever an operator could mend waits; only what the sender could mend comes back.</summary>
internal static class LocalReplies
{
    public static readonly SmtpReply NoMailboxes = new(
        451, 3, 5, "Mail for local users is not delivered here: set Local:Delivery, or give the user an alias and let the mail expire");

    public static readonly SmtpReply CommandsOff = new(451, 3, 5, "Commands of aliases are switched off (Rewrite:AllowCommands)");
    public static readonly SmtpReply FilesOff = new(451, 3, 5, "Files of aliases are switched off (Rewrite:AllowFiles)");
    public static readonly SmtpReply Stopped = new(421, 3, 2, "The relay was stopped");

    public static SmtpReply Delivered(string where) => new(250, 0, 0, $"Delivered to {where}");

    public static SmtpReply NoSuchUser(string name) => new(550, 1, 1, $"{name} is no user here");

    public static SmtpReply UserUnknownNow(string name, string trouble) => new(451, 3, 0, $"The system cannot say who {name} is: {trouble}");

    public static SmtpReply NoCommandUser(string name) => new(451, 3, 5, $"{name} is no user of this system (Local:CommandUser)");

    public static SmtpReply NoHome(string name) => new(451, 3, 5, $"{name} has no home folder for the ~ in Local:Maildir");

    public static SmtpReply Loop(string address) => new(554, 4, 6, $"The message goes in a circle: it has been delivered to <{address}> before");

    public static SmtpReply Misfit(string what) => new(451, 3, 5, what);

    public static SmtpReply Hangs(string path, TimeSpan after) => new(451, 3, 0, $"{path} does not answer: given up after {after.TotalMinutes:0} minutes");

    public static SmtpReply TookTooLong(string program, TimeSpan after) => new(451, 3, 0, $"{program} was ended after {after.TotalSeconds:0} seconds");

    public static SmtpReply Of(MailboxBusyException fault) => new(451, 2, 0, fault.Message);

    public static SmtpReply Of(MailboxRefusedException fault) => new(451, 3, 5, fault.Message);

    public static SmtpReply Of(PosixException fault) => fault.Error switch
    {
        PosixException.NoSpace => new(452, 3, 1, fault.Message),
        PosixException.QuotaExceeded or PosixException.TooLarge => new(452, 2, 2, fault.Message),
        PosixException.NotAllowed or PosixException.NotPermitted => new(451, 3, 5, $"{fault.Message}. The relay may not write there"),
        _ => new(451, 3, 0, fault.Message),
    };
}
