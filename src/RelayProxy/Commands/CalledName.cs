using RelayProxy.Submission;

namespace RelayProxy.Commands;

/// <summary>
/// The name this program was called by. Links by the old names lead to it (<c>/usr/sbin/sendmail</c>, <c>/usr/bin/mailq</c> …), and each does
/// what it always did.
/// </summary>
internal static class CalledName
{
    public const string Sendmail = "sendmail";
    public const string Mailq = "mailq";
    public const string NewAliases = "newaliases";
    public const string Rmail = "rmail";

    /// <summary>The old command that a process was called as; <c>null</c> if it was called <c>relayproxy</c>, or anything else.</summary>
    /// <param name="commandLine">Arguments, each ended by NUL: what <c>/proc/self/cmdline</c> holds (proc(5)). The runtime keeps the first to itself.</param>
    public static string? Of(ReadOnlySpan<byte> commandLine)
    {
        int end = commandLine.IndexOf((byte)0);
        ReadOnlySpan<byte> path = end < 0 ? commandLine : commandLine[..end];
        ReadOnlySpan<byte> name = path[(path.LastIndexOf((byte)'/') + 1)..];
        return name.SequenceEqual("sendmail"u8) || name.SequenceEqual("send-mail"u8) ? Sendmail
            : name.SequenceEqual("mailq"u8) ? Mailq
            : name.SequenceEqual("newaliases"u8) ? NewAliases
            : name.SequenceEqual("rmail"u8) ? Rmail
            : null;
    }

    /// <summary>This process's.</summary>
    public static string? OfThisProcess()
    {
        const int longestPath = 4096;
        return Of(SystemCalls.ReadFile("/proc/self/cmdline", longestPath));
    }
}
