using System.Text;
using RelayProxy.Intake;
using RelayProxy.Session.Extensions;
using RelayProxy.Smtp;

namespace RelayProxy.Session;

/// <summary>Who we are, and who the client says it is (RFC 5321 §4.1.1.1). Its name is written down and not believed.</summary>
internal sealed partial class SmtpSession
{
    /// <summary>Octets of a name in HELO and EHLO: a domain has at most 255, and an address literal less.</summary>
    private const int MaxHeloOctets = 255;

    private string _heloName = "";
    private bool _isExtended;

    private void Greet() => Say(Replies.Greeting(_intake.HostName));

    internal async ValueTask<SmtpReply> HeloAsync(ReadOnlyMemory<byte> argument)
    {
        if (!await TryIntroduceAsync(argument))
        {
            return Replies.HeloSyntax;
        }

        _isExtended = false;
        return Replies.Helo(_intake.HostName);
    }

    internal async ValueTask<SmtpReply> EhloAsync(ReadOnlyMemory<byte> argument)
    {
        if (!await TryIntroduceAsync(argument))
        {
            return Replies.HeloSyntax;
        }

        _isExtended = true;
        return Replies.Ehlo(_intake.HostName, Extension.Keywords(_options));
    }

    /// <summary>A new introduction starts over, as RSET does; one that fails changes nothing (RFC 5321 §4.1.4).</summary>
    private async ValueTask<bool> TryIntroduceAsync(ReadOnlyMemory<byte> argument)
    {
        if (argument.IsEmpty || argument.Length > MaxHeloOctets || argument.Span.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return false;
        }

        _heloName = Encoding.ASCII.GetString(argument.Span);
        await DropTransactionAsync();
        return true;
    }

    /// <summary>The protocol keyword is RFC 3848's; UTF8SMTP is RFC 6531's (§4.3).</summary>
    private MessageOrigin Origin(bool smtpUtf8) => new()
    {
        HeloName = _heloName,
        Address = _peer.Address,
        UserId = _peer.UserId,
        UserName = _peer.UserName,
        Protocol = (smtpUtf8, _isExtended) switch
        {
            (true, _) => "UTF8SMTP",
            (false, true) => "ESMTP",
            (false, false) => "SMTP",
        },
    };
}
