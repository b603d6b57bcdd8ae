namespace RelayProxy.Submission.Handing;

/// <summary>One reply of the relay.</summary>
/// <param name="Text">Its lines, joined by LF; with the enhanced status code, if it has one.</param>
internal readonly record struct RelayReply(int Code, string Text)
{
    public bool IsSuccess => Code / 100 == 2;

    /// <summary>What a refusal is in the numbers of sysexits.h, by its enhanced status code (RFC 3463).</summary>
    public int ExitCode => Code / 100 != 5 ? Mail.ExitCode.Temporary
        : Has("5.1.1") || Has("5.1.6") || Has("5.1.10") ? Mail.ExitCode.NoUser
        : Has("5.1.2") ? Mail.ExitCode.NoHost
        : Has("5.1.") || Has("5.3.4") || Has("5.6.") ? Mail.ExitCode.DataError
        : Has("5.7.") ? Mail.ExitCode.NoPermission
        : Mail.ExitCode.Unavailable;

    public override string ToString() => $"{Code} {Text.Replace('\n', ' ')}";

    private bool Has(string status) =>
        Text.StartsWith(status, StringComparison.Ordinal) && (status[^1] == '.' || Text.Length == status.Length || !char.IsAsciiDigit(Text[status.Length]));
}
