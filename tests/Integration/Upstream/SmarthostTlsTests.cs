using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RelayProxy.Harness;
using RelayProxy.Upstream;

namespace RelayProxy.Integration.Upstream;

/// <summary>Whom the client trusts. In every refused case the smarthost must not have heard a single command.</summary>
public class SmarthostTlsTests
{
    [Fact]
    public async Task C01_Against_a_server_in_clear_text_nothing_but_TLS_records_is_sent()
    {
        using var heard = new MemoryStream();
        var done = new TaskCompletionSource();
        FakeDialer dialer = FakeDialer.To(async stream =>
        {
            await stream.WriteAsync("220 smarthost.test ESMTP in clear text\r\n"u8.ToArray());
            await stream.CopyToAsync(heard);
            done.SetResult();
        });

        (SmarthostConnection? connection, SessionFailure? failure) = await Outgoing.Connector(dialer).OpenAsync(
            new SmarthostOptions { Host = TestCertificates.HostName, Username = "relay", Password = "secret" }, CancellationToken.None);
        await done.Task;

        Assert.Null(connection);
        Assert.Equal((DeliveryStage.Tls, SessionFault.Untrusted), (failure!.Stage, failure.Fault));
        Assert.Contains("Smarthost:Tls=StartTls", failure.Reply.Text, StringComparison.Ordinal);
        byte[] octets = heard.ToArray();
        Assert.Equal(0x16, octets[0]);
        for (int at = 0; at < octets.Length; at += 5 + (octets[at + 3] << 8 | octets[at + 4]))
        {
            Assert.InRange(octets[at], 0x14, 0x17);
        }
    }

    [Fact]
    public async Task C02_A_server_that_speaks_TLS_1_1_at_most_is_refused()
    {
        // A ServerHello of TLS 1.1: OpenSSL itself no longer makes one.
        byte[] serverHello = [0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2, .. new byte[32], 0, 0, 0x2f, 0];
        FakeDialer dialer = FakeDialer.To(async stream =>
        {
            await stream.ReadAtLeastAsync(new byte[4096], 5);
            await stream.WriteAsync(serverHello);
            await stream.CopyToAsync(Stream.Null);
        });

        (_, SessionFailure? failure) = await Outgoing.Connector(dialer).OpenAsync(
            new SmarthostOptions { Host = TestCertificates.HostName }, CancellationToken.None);

        Assert.Equal((DeliveryStage.Tls, SessionFault.Untrusted), (failure!.Stage, failure.Fault));
        Assert.StartsWith("454 4.7.5 smarthost.test:465: no TLS 1.2 or newer could be agreed on", failure.Reply.ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Distrusted => new()
    {
        { nameof(TestCertificates.Expired), "the certificate expired on 20" },
        { nameof(TestCertificates.NotYetValid), "the certificate is not valid before 20" },
        { nameof(TestCertificates.WrongName), "the certificate is for other.test, *.other.test, not for smarthost.test" },
        { nameof(TestCertificates.WrongUsage), "not meant for servers" },
        { nameof(TestCertificates.SelfSigned), "self-signed; if it is yours, set Smarthost:PinnedSpkiSha256=" },
    };

    [Theory]
    [MemberData(nameof(Distrusted))]
    public async Task C03_A_certificate_that_does_not_verify_ends_the_session_before_a_word_is_said(string kind, string words)
    {
        await using var smarthost = new FakeSmarthost { Certificate = Named(kind) };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        AssertDistrust(smarthost, failure, words);
    }

    [Fact]
    public async Task C03_An_authority_that_nobody_here_knows_is_not_trusted_and_the_way_out_is_told()
    {
        await using var smarthost = new FakeSmarthost();
        SessionFailure failure = await Outgoing.FailAsync(smarthost, options => options.CaFile = "");

        AssertDistrust(smarthost, failure, "an authority not known here, CN=RelayProxy test authority");
        Assert.Contains(TestCertificates.PinOf(smarthost.Certificate), failure.Reply.Text, StringComparison.Ordinal);
        Assert.Contains("Smarthost:CaFile", failure.Reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task C04_A_certificate_with_the_name_only_in_its_subject_is_refused()
    {
        await using var smarthost = new FakeSmarthost { Certificate = TestCertificates.CommonNameOnly };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        AssertDistrust(smarthost, failure, "only in its subject (CN=smarthost.test), which does not count");
    }

    [Theory]
    [InlineData("*.smarthost.test", "mx1.smarthost.test", true)]
    [InlineData("*.smarthost.test", "MX1.smarthost.test.", true)]
    [InlineData("*.smarthost.test", "smarthost.test", false)]
    [InlineData("*.smarthost.test", "a.mx1.smarthost.test", false)]
    [InlineData("s*.smarthost.test", "smtp.smarthost.test", false)]
    [InlineData("*.test", "smarthost.test", false)]
    [InlineData("smarthost.test", "smarthost.test.", true)]
    [InlineData("192.0.2.25", "192.0.2.25", true)]
    [InlineData("192.0.2.26", "192.0.2.25", false)]
    [InlineData("::1", "[::1]", true)]
    public async Task C05_A_wildcard_stands_for_one_whole_label(string name, string host, bool trusted)
    {
        await using var smarthost = new FakeSmarthost { Certificate = TestCertificates.Issue("somebody", name) };
        (SmarthostConnection? connection, SessionFailure? failure) = await Outgoing.TryConnectAsync(smarthost, options => options.Host = host);
        await using SmarthostConnection? disposed = connection;

        Assert.Equal(trusted, failure is null);
        if (!trusted)
        {
            AssertDistrust(smarthost, failure!, $"the certificate is for {name}, not for {host}");
        }
    }

    [Theory]
    [InlineData("smarthost.test", "smarthost.test")]
    [InlineData("SmartHost.test.", "SmartHost.test")]
    [InlineData("bücher.test", "xn--bcher-kva.test")]
    public async Task C06_SNI_is_the_configured_name_in_A_labels(string host, string serverName)
    {
        var heard = new TaskCompletionSource<string>();
        FakeDialer dialer = FakeDialer.To(async stream =>
        {
            byte[] hello = new byte[4096];
            int count = await stream.ReadAtLeastAsync(hello, 100);
            heard.SetResult(Encoding.Latin1.GetString(hello, 0, count));
            await stream.DisposeAsync();
        });
        await Outgoing.Connector(dialer).OpenAsync(new SmarthostOptions { Host = host }, CancellationToken.None);

        // host_name (0), its length in two octets, the name: RFC 6066 §3.
        Assert.Contains($"\0\0{(char)serverName.Length}{serverName}", await heard.Task, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    public async Task C06_SNI_is_not_sent_for_an_address(string host)
    {
        await using var smarthost = new FakeSmarthost();
        await using SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost, options => options.Host = host);

        Assert.Null(smarthost.ServerName);
    }

    [Fact]
    public async Task C07_A_pin_that_does_not_match_refuses_a_certificate_that_verifies()
    {
        await using var smarthost = new FakeSmarthost();
        SessionFailure failure = await Outgoing.FailAsync(
            smarthost, options => options.PinnedSpkiSha256 = [TestCertificates.PinOf(TestCertificates.SelfSigned)]);

        AssertDistrust(smarthost, failure, "which is not among Smarthost:PinnedSpkiSha256");
    }

    [Fact]
    public async Task C07_A_pin_that_matches_does_not_make_up_for_a_wrong_name()
    {
        await using var smarthost = new FakeSmarthost { Certificate = TestCertificates.WrongName };
        SessionFailure failure = await Outgoing.FailAsync(
            smarthost, options => options.PinnedSpkiSha256 = [TestCertificates.PinOf(TestCertificates.WrongName)]);

        AssertDistrust(smarthost, failure, "not for smarthost.test");
    }

    [Theory]
    [InlineData("smarthost.test")]
    [InlineData("192.0.2.25")] // The key was pinned, not a name.
    public async Task C07_A_pin_is_enough_for_a_certificate_that_no_authority_vouches_for(string host)
    {
        await using var smarthost = new FakeSmarthost { Certificate = TestCertificates.SelfSigned };
        await using SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost, options =>
        {
            options.Host = host;
            options.CaFile = "";
            options.PinnedSpkiSha256 = [TestCertificates.PinOf(TestCertificates.Good), TestCertificates.PinOf(TestCertificates.SelfSigned)];
        });

        Assert.Equal("TLSv1.3", connection.TlsVersion);
        Assert.Equal(TestCertificates.PinOf(TestCertificates.SelfSigned), connection.Facts.SpkiSha256);
    }

    [Fact]
    public async Task C07_A_certificate_that_is_not_the_pinned_one_is_refused_though_an_authority_vouches_for_it()
    {
        await using var smarthost = new FakeSmarthost();
        SessionFailure failure = await Outgoing.FailAsync(
            smarthost, options => options.PinnedCertificateSha256 = [CertificatePin.Of(TestCertificates.SelfSigned)]);

        AssertDistrust(smarthost, failure, "which is not among Smarthost:PinnedCertificateSha256");
        Assert.Contains(CertificatePin.Of(smarthost.Certificate), failure.Reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(TestCertificates.SelfSigned), "")]
    [InlineData(nameof(TestCertificates.WrongName), null)] // Vouched for, with another name: this very certificate was meant.
    public async Task C07_A_pinned_certificate_is_enough_in_itself(string kind, string? caFile)
    {
        await using var smarthost = new FakeSmarthost { Certificate = Named(kind) };
        string digest = string.Join(':', Convert.ToHexStringLower(SHA256.HashData(smarthost.Certificate.RawData)).Chunk(2).Select(pair => new string(pair)));
        await using SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost, options =>
        {
            options.CaFile = caFile ?? options.CaFile;
            options.PinnedCertificateSha256 = [CertificatePin.Of(TestCertificates.Good), digest];
        });

        Assert.Equal("TLSv1.3", connection.TlsVersion);
    }

    [Theory]
    [InlineData(nameof(TestCertificates.Expired), "expired on 20")]
    [InlineData(nameof(TestCertificates.WrongUsage), "not meant for servers")]
    public async Task C07_A_pinned_certificate_is_none_for_ever_nor_for_everything(string kind, string words)
    {
        await using var smarthost = new FakeSmarthost { Certificate = Named(kind) };
        SessionFailure failure = await Outgoing.FailAsync(
            smarthost, options => options.PinnedCertificateSha256 = [CertificatePin.Of(smarthost.Certificate)]);

        AssertDistrust(smarthost, failure, words);
    }

    [Fact]
    public async Task C07_No_keys_are_written_out_for_whoever_listens_in()
    {
        await using var smarthost = new FakeSmarthost();
        await using SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost);

        // The runtime honours SSLKEYLOGFILE only with this switch, which nothing here may set.
        Assert.False(AppContext.TryGetSwitch("System.Net.EnableSslKeyLogging", out bool enabled) && enabled);
    }

    [Fact]
    public async Task The_client_certificate_is_shown_to_a_smarthost_that_asks_for_one()
    {
        (string certificateFile, string keyFile) = TestCertificates.WritePem(TestCertificates.Client);
        await using var smarthost = new FakeSmarthost { WantsClientCertificate = true };
        await using SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost, options =>
        {
            options.ClientCertificateFile = certificateFile;
            options.ClientKeyFile = keyFile;
        });

        Assert.Equal(TestCertificates.Client.Thumbprint, ((X509Certificate2)smarthost.ClientCertificate!).Thumbprint);
    }

    [Fact]
    public async Task A_client_certificate_that_cannot_be_read_is_a_setting_to_mend()
    {
        await using var smarthost = new FakeSmarthost();
        SessionFailure failure = await Outgoing.FailAsync(smarthost, options => options.ClientCertificateFile = "/nowhere/client.pem");

        Assert.Equal(SessionFault.Misconfigured, failure.Fault);
        Assert.Contains("Smarthost:ClientCertificateFile", failure.Reply.Text, StringComparison.Ordinal);
        Assert.Empty(smarthost.Commands);
    }

    [Fact]
    public async Task A_handshake_that_hangs_ends_at_its_bound_and_the_smarthost_counts_as_away()
    {
        var clock = new TestClock();
        FakeDialer dialer = FakeDialer.To(stream => stream.CopyToAsync(Stream.Null));
        ValueTask<(SmarthostConnection?, SessionFailure? Failure)> open = Outgoing.Connector(dialer, clock).OpenAsync(
            new SmarthostOptions { Host = TestCertificates.HostName }, CancellationToken.None);
        await clock.WaitsForAsync(TimeSpan.FromSeconds(30));
        clock.Advance(TimeSpan.FromSeconds(30));

        SessionFailure failure = (await open).Failure!;
        Assert.Equal((DeliveryStage.Tls, SessionFault.Away), (failure.Stage, failure.Fault));
        Assert.Contains("no TLS handshake within 30 s", failure.Reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_torn_away_during_the_handshake_says_nothing_about_trust()
    {
        FakeDialer dialer = FakeDialer.To(async stream =>
        {
            await stream.ReadAtLeastAsync(new byte[4096], 5);
            await stream.DisposeAsync();
        });
        (_, SessionFailure? failure) = await Outgoing.Connector(dialer).OpenAsync(
            new SmarthostOptions { Host = TestCertificates.HostName }, CancellationToken.None);

        Assert.Equal((DeliveryStage.Tls, SessionFault.Away), (failure!.Stage, failure.Fault));
    }

    private static void AssertDistrust(FakeSmarthost smarthost, SessionFailure failure, string words)
    {
        Assert.Equal((DeliveryStage.Tls, SessionFault.Untrusted, false), (failure.Stage, failure.Fault, failure.FromSmarthost));
        Assert.StartsWith("454 4.7.5 ", failure.Reply.ToString(), StringComparison.Ordinal);
        Assert.Contains(words, failure.Reply.Text, StringComparison.Ordinal);
        Assert.Empty(smarthost.Commands);
    }

    private static X509Certificate2 Named(string kind) => kind switch
    {
        nameof(TestCertificates.Expired) => TestCertificates.Expired,
        nameof(TestCertificates.NotYetValid) => TestCertificates.NotYetValid,
        nameof(TestCertificates.WrongName) => TestCertificates.WrongName,
        nameof(TestCertificates.WrongUsage) => TestCertificates.WrongUsage,
        _ => TestCertificates.SelfSigned,
    };
}
