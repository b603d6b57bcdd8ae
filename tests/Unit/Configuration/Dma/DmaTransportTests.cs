using RelayProxy.Configuration;
using RelayProxy.Harness;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Configuration.Dma;

/// <summary>The way to the smarthost: as dma goes it, but never unsafely.</summary>
public sealed class DmaTransportTests : IDisposable
{
    private readonly DmaFolder _dma = new();

    public void Dispose() => _dma.Dispose();

    [Theory]
    [InlineData("PORT 465|SECURETRANSFER", "Implicit", 465)]
    [InlineData("PORT 587|SECURETRANSFER|STARTTLS", "StartTls", 587)]
    [InlineData("SECURETRANSFER|STARTTLS", "StartTls", 25)]
    [InlineData("PORT 2465|SECURETRANSFER", "Implicit", 2465)]
    public void Port_and_switches_say_how_TLS_begins(string lines, string tls, int port)
    {
        RelayConfiguration read = Read(lines + "|VERIFYCERT");

        Assert.Empty(read.ProblemsForSending);
        Assert.Empty(read.Warnings);
        Assert.Equal((tls, port), (read.Options.Smarthost.Tls.ToString(), read.Options.Smarthost.Port));
    }

    [Theory]
    [InlineData("", "None", "SECURETRANSFER")]                          // as dma does it, and told
    [InlineData("PORT 587|STARTTLS", "None", "STARTTLS, SECURETRANSFER")]
    [InlineData("PORT 465", "Implicit", "PORT, VERIFYCERT")]             // dma would hang here for ever
    [InlineData("SECURETRANSFER", "Implicit", "SECURETRANSFER, VERIFYCERT")]
    [InlineData("PORT 587|SECURETRANSFER", "Implicit", "SECURETRANSFER, VERIFYCERT")]
    [InlineData("INSECURE|SECURETRANSFER|PORT 465", "Implicit", "VERIFYCERT, INSECURE")]
    public void What_is_hardly_meant_is_told(string lines, string tls, string warned)
    {
        RelayConfiguration read = Read(lines);

        Assert.Empty(read.ProblemsForSending);
        Assert.Equal(tls, read.Options.Smarthost.Tls.ToString());
        Assert.Equal(warned, string.Join(", ", read.Warnings.Select(warning => warning.Key)));
    }

    [Fact]
    public void Nothing_is_said_of_clear_text_to_this_machine_itself()
    {
        _dma.Write("etc/dma/auth.conf", "box|127.0.0.1:secret\n");
        RelayConfiguration read = _dma.Read("SMARTHOST 127.0.0.1\nPORT 2525\nAUTHPATH {folder}/etc/dma/auth.conf\n");

        Assert.Empty(read.ProblemsForSending);
        Assert.Empty(read.Warnings);
        Assert.Equal((SmarthostTls.None, "secret"), (read.Options.Smarthost.Tls, read.Options.Smarthost.Password));
    }

    [Theory]
    [InlineData("OPPORTUNISTIC_TLS|STARTTLS|SECURETRANSFER", "OPPORTUNISTIC_TLS (/etc/dma/dma.conf:2): goes on in clear text where STARTTLS is not to be had")]
    [InlineData("AUTHPATH {folder}/etc/dma/auth.conf", "AUTHPATH (/etc/dma/dma.conf:2): needs SECURETRANSFER: without it the password would travel in clear")]
    [InlineData("AUTHPATH {folder}/etc/dma/auth.conf|INSECURE", "AUTHPATH (/etc/dma/dma.conf:2): needs SECURETRANSFER: without it the password would travel in clear")]
    [InlineData("AUTHPATH {folder}/etc/dma/auth.conf|STARTTLS|PORT 587", "AUTHPATH (/etc/dma/dma.conf:2): needs SECURETRANSFER: without it the password would travel in clear")]
    public void What_is_not_safe_is_refused_and_no_password_is_taken_up(string lines, string problem)
    {
        _dma.Write("etc/dma/auth.conf", "box|smtp.example.net:secret\n");
        RelayConfiguration read = Read(lines);

        Assert.StartsWith(problem, Assert.Single(_dma.Plain(read.Problems)), StringComparison.Ordinal);
        Assert.Equal(lines.StartsWith("AUTH", StringComparison.Ordinal) ? "" : read.Options.Smarthost.Password, read.Options.Smarthost.Password);
    }

    [Fact]
    public void A_fingerprint_pins_the_certificate_and_stands_for_VERIFYCERT()
    {
        string digest = CertificatePin.Of(TestCertificates.Good);
        RelayConfiguration read = Read($"PORT 465|SECURETRANSFER|FINGERPRINT {digest.ToLowerInvariant()}");

        Assert.Equal([digest], read.Options.Smarthost.PinnedCertificateSha256);
        Assert.Empty(read.Problems);
        Assert.Empty(read.Warnings);
    }

    [Theory]
    [InlineData("FINGERPRINT 5f3c9d6d5375a970f39df892650f243b15584da3", "FINGERPRINT")] // SHA-1
    [InlineData("FINGERPRINT", "FINGERPRINT")]                                          // dma crashes here
    [InlineData("CERTFILE /nowhere/cert.pem", "Smarthost:ClientKeyFile, Smarthost:ClientCertificateFile")]
    public void What_cannot_be_a_certificate_is_refused(string line, string keys) =>
        Assert.Equal(keys, string.Join(", ", Read($"PORT 465|SECURETRANSFER|{line}").Problems.Select(problem => problem.Key)));

    [Fact]
    public void The_client_certificate_and_its_key_are_in_one_file()
    {
        (string certificate, string key) = TestCertificates.WritePem(TestCertificates.Client);
        string both = _dma.Write("client.pem", File.ReadAllText(certificate) + "\n" + File.ReadAllText(key) + "\n");
        RelayConfiguration read = Read($"PORT 465|SECURETRANSFER|VERIFYCERT|CERTFILE {both}");

        Assert.Empty(read.Problems);
        Assert.Equal((both, both), (read.Options.Smarthost.ClientCertificateFile, read.Options.Smarthost.ClientKeyFile));
        using var loaded = ClientCertificate.Load(read.Options.Smarthost);
        Assert.True(loaded!.HasPrivateKey);
    }

    [Fact]
    public void Without_a_smarthost_mail_cannot_be_sent_and_why_is_told()
    {
        RelayConfiguration read = _dma.Read("NULLCLIENT\n");

        Assert.Equal("Smarthost:Host", Assert.Single(read.ProblemsForSending).Key);
        Assert.Contains("SMARTHOST (/etc/dma/dma.conf): is not set: dma then delivers to the recipients' own servers, "
            + "which this relay does not; name your provider's", _dma.Plain(read.Warnings));
    }

    private RelayConfiguration Read(string lines) =>
        _dma.Read($"SMARTHOST smtp.example.net\n{lines.Replace('|', '\n')}\n");
}
