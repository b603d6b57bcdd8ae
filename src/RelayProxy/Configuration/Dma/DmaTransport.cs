using System.Globalization;
using RelayProxy.Upstream;

namespace RelayProxy.Configuration.Dma;

/// <summary>
/// The way to the smarthost: host, port, TLS, certificates and login. dma checks no certificate unless VERIFYCERT says so, and some of its
/// switches send the password in clear; where it is unsafe this relay is not, and says what differs.
/// </summary>
internal static class DmaTransport
{
    private const int DefaultPort = 25;
    private const int ImplicitTlsPort = 465;
    private const int SubmissionPort = 587;

    public static void Map(DmaDirectives directives, DmaReport report)
    {
        DmaDirective? smarthost = directives.Find("SMARTHOST");
        if (smarthost is null)
        {
            report.WarnOfMissing("SMARTHOST", "is not set: dma then delivers to the recipients' own servers, which this relay does not; name your provider's");
        }
        else
        {
            report.Set(smarthost, "Smarthost:Host", smarthost.Value);
        }

        SmarthostTls tls = MapTls(directives, report, MapPort(directives, report));
        MapCertificates(directives, report, tls);
        MapLogin(directives, report, tls);
    }

    private static int MapPort(DmaDirectives directives, DmaReport report)
    {
        DmaDirective? given = directives.Find("PORT");
        int port = DefaultPort;
        if (given is not null
            && (!int.TryParse(given.Value, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > ushort.MaxValue))
        {
            report.Refuse(given, $"is \"{given.Value}\", which is no port; write 465, or 587 with STARTTLS");
            return DefaultPort;
        }

        report.Set(given, "Smarthost:Port", port.ToString(CultureInfo.InvariantCulture));
        return port;
    }

    private static SmarthostTls MapTls(DmaDirectives directives, DmaReport report, int port)
    {
        DmaDirective? secure = directives.Find("SECURETRANSFER");
        DmaDirective? startTls = directives.Find("STARTTLS");
        if (directives.Find("OPPORTUNISTIC_TLS") is { } opportunistic)
        {
            report.Refuse(opportunistic, "goes on in clear text where STARTTLS is not to be had, and whoever stands in between can see to that; "
                + "leave it out: SECURETRANSFER and STARTTLS make TLS a must");
        }

        if (secure is not null)
        {
            if (startTls is null && port is DefaultPort or SubmissionPort)
            {
                report.Warn(secure, $"without STARTTLS means TLS from the first octet, which port {port} seldom has; "
                    + "write PORT 465, or add STARTTLS");
            }

            SmarthostTls mode = startTls is null ? SmarthostTls.Implicit : SmarthostTls.StartTls;
            report.Set(startTls ?? secure, "Smarthost:Tls", mode.ToString());
            return mode;
        }

        if (startTls is not null)
        {
            report.Warn(startTls, "has no effect without SECURETRANSFER, neither with dma; add that line");
        }

        if (port == ImplicitTlsPort)
        {
            report.Warn(directives.Find("PORT")!, "is 465, the port of TLS from the first octet, which dma would use with SECURETRANSFER only; "
                + "here TLS is used all the same");
            report.Set(directives.Find("PORT"), "Smarthost:Tls", nameof(SmarthostTls.Implicit));
            return SmarthostTls.Implicit;
        }

        if (!IsOnThisMachine(directives))
        {
            report.WarnOfMissing("SECURETRANSFER", "is not set: mail travels to the smarthost in clear text; add it, and PORT 465, or STARTTLS");
        }

        report.Set(null, "Smarthost:Tls", nameof(SmarthostTls.None));
        return SmarthostTls.None;
    }

    private static void MapCertificates(DmaDirectives directives, DmaReport report, SmarthostTls tls)
    {
        DmaDirective? fingerprint = directives.Find("FINGERPRINT");
        if (fingerprint is not null && CertificatePin.Parse(fingerprint.Value) is { } digest)
        {
            report.Set(report.SourceOf(fingerprint), "Smarthost:PinnedCertificateSha256", SettingValue.List([digest]));
        }
        else if (fingerprint is not null)
        {
            report.Refuse(fingerprint, "is not the SHA-256 of a certificate; write its 64 hexadecimal digits, as "
                + "openssl x509 -noout -fingerprint -sha256 shows them");
        }

        if (tls != SmarthostTls.None && fingerprint is null && !directives.Has("VERIFYCERT"))
        {
            report.WarnOfMissing("VERIFYCERT", "is not set: dma would believe any certificate of the smarthost; here it is always checked");
        }

        if (directives.Find("CERTFILE") is { } certificate)
        {
            report.Set(certificate, "Smarthost:ClientCertificateFile", certificate.Value);
            report.Set(certificate, "Smarthost:ClientKeyFile", certificate.Value);
        }
    }

    private static void MapLogin(DmaDirectives directives, DmaReport report, SmarthostTls tls)
    {
        DmaDirective? auth = directives.Find("AUTHPATH");
        bool inClear = auth is not null && tls == SmarthostTls.None && !IsOnThisMachine(directives);
        if (directives.Find("INSECURE") is { } insecure)
        {
            report.Warn(insecure, "has no effect: the password is never sent in clear; leave the line out");
        }

        if (inClear)
        {
            report.Refuse(auth!, "needs SECURETRANSFER: without it the password would travel in clear; add that line, and STARTTLS where PORT is not 465");
        }
        else if (auth is not null)
        {
            DmaCredentials.Map(auth, directives.Find("SMARTHOST"), report);
        }
    }

    private static bool IsOnThisMachine(DmaDirectives directives) =>
        directives.Find("SMARTHOST") is not { } smarthost || SmarthostHost.IsLoopback(SmarthostHost.Normalize(smarthost.Value));
}
