using System.Globalization;

namespace RelayProxy.Submission;

/// <summary>Who called the command, and how to speak to him.</summary>
internal abstract class Caller
{
    private string? _userName;

    /// <summary>The real user, and not whose rights the program may have.</summary>
    public uint UserId { get; } = SystemCalls.UserId;

    /// <summary>His login name. Of several names of one user it is that of LOGNAME or USER; a user without any is who they say.</summary>
    public string UserName => _userName ??= FindUserName();

    /// <summary>Where a running relay leaves its <see cref="Handing.SubmissionDigest"/>; <c>null</c> if something in the environment or the
    /// arguments names settings that need not be that relay's.</summary>
    public abstract string? DigestPath { get; }

    /// <summary>The text, or the commands.</summary>
    public abstract Stream Input { get; }

    /// <summary>A variable of the environment; <c>null</c> if it is not set.</summary>
    public abstract string? Variable(string name);

    /// <summary>A line on standard output.</summary>
    public abstract void Say(string line);

    /// <summary>Octets on standard output.</summary>
    /// <returns>False if nobody reads them.</returns>
    public abstract bool Answer(ReadOnlySpan<byte> octets);

    /// <summary>A line on standard error.</summary>
    public abstract void Complain(string line);

    /// <summary>The user's name by whatever databases the system has besides <c>/etc/passwd</c>; empty if none knows him.</summary>
    protected abstract string NameInDirectory();

    /// <summary>A line for the system's log.</summary>
    /// <param name="isDetail">Of no interest unless somebody looks for it.</param>
    public abstract void Log(string line, bool isDetail);

    private string FindUserName()
    {
        string? claimed = Variable("LOGNAME") is { Length: > 0 } login ? login : Variable("USER");
        ReadOnlySpan<byte> passwd = PasswdFile.Read();
        return PasswdFile.NameOf(passwd, UserId, claimed)
            ?? (NameInDirectory() is { Length: > 0 } name ? name : claimed is { Length: > 0 } ? claimed : string.Create(CultureInfo.InvariantCulture, $"uid{UserId}"));
    }
}
