using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RelayProxy.Upstream.Sasl;

namespace RelayProxy.Upstream;

/// <content>TLS: 1.2 or newer, the name in SNI, chain and name verified, and a failure told in words. There is no switch that turns the
/// verification off.</content>
internal sealed partial class SmarthostConnection
{
    private string? _distrust;

    private async ValueTask<SessionFailure?> SecureAsync(Smtp.Deadline deadline)
    {
        _stage = DeliveryStage.Tls;
        if (!TryPrepare(out SslClientAuthenticationOptions handshake, out SessionFailure? failure))
        {
            return failure;
        }

        var first = new FirstOctetsStream(_transport);
        var tls = new SslStream(first);
        _stream = tls;
        deadline.Start(Options.TlsTimeout);
        try
        {
            await tls.AuthenticateAsClientAsync(handshake, deadline.Token);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            IsBroken = true;
            if (_distrust is null && first.LooksLikeSmtp)
            {
                return Untrusted(_stage, $"{Smarthost} speaks SMTP in clear text where TLS was expected; port 587 usually wants Smarthost:Tls=StartTls");
            }

            if (_distrust is null && exception is IOException)
            {
                throw;
            }

            return Untrusted(_stage, $"{Smarthost}: {_distrust ?? WhyNoHandshake(exception)}");
        }
        finally
        {
            handshake.ClientCertificateContext?.TargetCertificate.Dispose();
        }

        deadline.Stop();
        Use(tls);
        RememberTls(tls);
        return null;
    }

    private bool TryPrepare(out SslClientAuthenticationOptions handshake, out SessionFailure? failure)
    {
        handshake = new SslClientAuthenticationOptions();
        failure = null;
        X509Certificate2Collection? authorities = null;
        string setting = "Smarthost:CaFile";
        try
        {
            if (Options.CaFile.Length > 0)
            {
                authorities = [];
                authorities.ImportFromPemFile(Options.CaFile);
            }

            setting = "Smarthost:ClientCertificateFile";
            if (ClientCertificate.Load(Options) is { } own)
            {
                handshake.ClientCertificateContext = SslStreamCertificateContext.Create(own, additionalCertificates: null, offline: true);
            }
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            failure = Misconfigured(_stage, $"{setting}: {exception.Message}");
            return false;
        }

        // Not sent for an IP address (RFC 6066 §3): SslStream sees to that.
        handshake.TargetHost = _host;
        handshake.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        handshake.CertificateChainPolicy = ServerIdentity.Policy(authorities);
        handshake.RemoteCertificateValidationCallback = Verify;
        return true;
    }

    private bool Verify(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        _distrust = certificate is not X509Certificate2 theirs || chain is null
            ? "the smarthost showed no certificate"
            : ServerIdentity.WhyNot(theirs, chain, errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch), _host,
                [.. Options.PinnedSpkiSha256], [.. Options.PinnedCertificateSha256.Select(CertificatePin.Parse)]);
        return _distrust is null;
    }

    private void RememberTls(SslStream tls)
    {
        var certificate = (X509Certificate2)tls.RemoteCertificate!;
        Facts = Facts with
        {
            TlsVersion = tls.SslProtocol switch
            {
                SslProtocols.Tls12 => "TLSv1.2",
                SslProtocols.Tls13 => "TLSv1.3",
                var other => other.ToString(),
            },
            CipherSuite = tls.NegotiatedCipherSuite.ToString(),
            CertificateSubject = certificate.Subject,
            CertificateIssuer = certificate.Issuer,
            CertificateExpires = certificate.NotAfter.ToUniversalTime(),
            SpkiSha256 = ServerIdentity.PinOf(certificate),
            ChannelBinding = TlsServerEndPoint.Of(certificate.RawDataMemory),
        };
        _connector.CertificateExpires = Facts.CertificateExpires;
    }

    private static string WhyNoHandshake(Exception exception)
    {
        // The outermost message says "see inner exception", the innermost what OpenSSL said.
        string what = (exception.InnerException?.InnerException ?? exception.InnerException ?? exception).Message;
        return $"no TLS 1.2 or newer could be agreed on: {what.Split('\n')[0]}";
    }
}
