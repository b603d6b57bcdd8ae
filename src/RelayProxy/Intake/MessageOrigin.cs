using System.Globalization;

namespace RelayProxy.Intake;

/// <summary>Who brings a message, as the Received field and the log will tell it.</summary>
internal sealed record MessageOrigin
{
    /// <summary>The relay itself, writing a bounce or a delay notice: nobody sent it, so its Received field has no <c>from</c> and no
    /// <c>with</c>, and the Received fields of the message it quotes are not its own.</summary>
    public static MessageOrigin Report { get; } = new() { IsReport = true, Protocol = "" };

    /// <summary>What the client said in HELO or EHLO, not trusted; empty where there was none.</summary>
    public string HeloName { get; init; } = "";

    /// <summary><c>127.0.0.1</c>, <c>IPv6:::1</c>, empty for a Unix socket or for mail that comes from inside.</summary>
    public string Address { get; init; } = "";

    /// <summary>The local user's id, where the kernel told.</summary>
    public uint? UserId { get; init; }

    /// <summary>The local user's name, where there is one.</summary>
    public string UserName { get; init; } = "";

    /// <summary><c>SMTP</c>, <c>ESMTP</c>, <c>UTF8SMTP</c>, <c>local</c> … (RFC 3848, RFC 6531).</summary>
    public string Protocol { get; init; } = "ESMTP";

    /// <summary>The message is one of the relay's own reports.</summary>
    public bool IsReport { get; init; }

    /// <summary>For operators: <c>www-data (uid 33) 127.0.0.1</c>, <c>report</c>.</summary>
    public override string ToString()
    {
        if (IsReport)
        {
            return "report";
        }

        string user = UserId is { } uid ? string.Create(CultureInfo.InvariantCulture, $"(uid {uid})") : "";
        return string.Join(' ', new[] { UserName, user, Address }.Where(part => part.Length > 0));
    }
}
