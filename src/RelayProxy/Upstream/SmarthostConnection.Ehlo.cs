using System.Net;
using System.Net.Sockets;
using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Upstream;

/// <content>EHLO, and STARTTLS with the EHLO after it.</content>
internal sealed partial class SmarthostConnection
{
    private async ValueTask<SessionFailure?> SayHelloAsync(Deadline deadline)
    {
        _stage = DeliveryStage.Ehlo;
        string name = HeloName.Choose(Options.HeloName, HostIdentity.FullyQualifiedName, LocalAddress());
        SmtpReply reply = await AskAsync($"EHLO {name}", deadline);
        if (reply.IsSuccess)
        {
            Capabilities = SmarthostCapabilities.Parse(reply, Options.Disable);
            return null;
        }

        // A server from before 1995 can still take mail, but neither a login nor STARTTLS: then HELO is no way out.
        if (reply.Severity == Severity.Permanent && !IsLoginConfigured && Options.Tls != SmarthostTls.StartTls)
        {
            Capabilities = SmarthostCapabilities.None;
            reply = await AskAsync($"HELO {name}", deadline);
        }

        return reply.IsSuccess ? null : new SessionFailure(DeliveryStage.Ehlo, SessionFault.Away, reply, FromSmarthost: true);
    }

    /// <summary>RFC 3207, without its exits: no STARTTLS, no session. Nothing that came in clear is believed afterwards.</summary>
    private async ValueTask<SessionFailure?> StartTlsAsync(Deadline deadline)
    {
        _stage = DeliveryStage.StartTls;
        if (!Capabilities.StartTls)
        {
            string hint = Options.Port == 465 ? "; port 465 expects TLS at once: set Smarthost:Tls=Implicit" : "";
            return Untrusted(DeliveryStage.StartTls, $"{Smarthost} does not offer STARTTLS, and without TLS nothing is sent{hint}");
        }

        SmtpReply reply = await AskAsync("STARTTLS", deadline);
        if (reply.Severity != Severity.Success)
        {
            SessionFault fault = reply.Severity == Severity.Permanent ? SessionFault.Untrusted : SessionFault.Away;
            return new SessionFailure(DeliveryStage.StartTls, fault, reply, FromSmarthost: true);
        }

        // What is in the buffer now was sent before the keys were agreed on: by whoever sits in between (CVE-2011-0411).
        if (_input.TryRead(out System.IO.Pipelines.ReadResult leftover) && !leftover.Buffer.IsEmpty)
        {
            IsBroken = true;
            return Untrusted(DeliveryStage.StartTls, $"{Smarthost} sent more than the reply to STARTTLS; somebody may be in between");
        }

        Capabilities = SmarthostCapabilities.None;
        return await SecureAsync(deadline) ?? await SayHelloAsync(deadline);
    }

    private IPAddress? LocalAddress() => _transport is NetworkStream { Socket.LocalEndPoint: IPEndPoint local } ? local.Address : null;
}
