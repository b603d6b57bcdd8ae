using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Upstream;

namespace RelayProxy.Proof.Network;

/// <summary>
/// Whoever cannot prove to be the smarthost hears nothing but TLS: no EHLO, no login, no mail. The mail waits, and the log says why. Whether a
/// certificate has been revoked is not asked, by decision: who answers that question, or does not, could hold all mail up.
/// </summary>
public class CertificateTests(CertificateTests.Tally tally) : IClassFixture<CertificateTests.Tally>
{
    private const string Password = "Zr7-never-to-be-said";

    private static readonly string[] s_secrets =
    [
        Password, Convert.ToBase64String(Encoding.ASCII.GetBytes(Password)), Convert.ToBase64String(Encoding.ASCII.GetBytes($"\0relay\0{Password}")), "EHLO", "AUTH", "MAIL FROM",
    ];

    public static TheoryData<string> Certificates => new(BadCertificates.All.Keys);

    [Theory]
    [MemberData(nameof(Certificates))]
    public async Task C03_C04_C05_Nothing_is_said_to_whoever_shows_a_certificate(string kind)
    {
        BadCertificate bad = BadCertificates.All[kind]();
        foreach (FakeTls tls in new[] { FakeTls.Implicit, FakeTls.StartTls })
        {
            var smarthost = new FakeSmarthost { Tls = tls, Certificate = bad.Certificate, Intermediates = bad.Intermediates ?? [], Password = Password };
            await using var relay = new DeliveryUnderTest(smarthost);
            relay.SmarthostOptions.Host = bad.Host;
            await AssertDistrustAsync(relay, "454 4.7.5 ", bad.Complaint);
            Assert.Equal(tls == FakeTls.Implicit ? [] : ["EHLO relay.test", "STARTTLS"], smarthost.Commands);
        }

        tally.Refused();
    }

    [Theory]
    [InlineData("-tls1", "no TLS 1.2 or newer could be agreed on")]
    [InlineData("-tls1_1", "no TLS 1.2 or newer could be agreed on")]
    [InlineData("-tls1_2 -cipher NULL-SHA256:@SECLEVEL=0", "no TLS 1.2 or newer could be agreed on")] // nothing is encrypted
    [InlineData("-tls1_2 -nocert -cipher ADH-AES128-SHA256:@SECLEVEL=0", "no TLS 1.2 or newer could be agreed on")] // nobody shows a certificate
    [InlineData("-tls1_2 -cipher CAMELLIA256-SHA:@SECLEVEL=0", "no TLS 1.2 or newer could be agreed on")] // no cipher in common
    public async Task C02_Nothing_is_said_to_whoever_offers_no_safe_protocol(string options, string complaint)
    {
        await using OpenSslServer server = await OpenSslServer.StartAsync(TestCertificates.Good, options);
        await AssertSilentAsync(server, complaint);
        tally.Refused();
    }

    [Theory]
    [InlineData("-sha1", "ec -pkeyopt ec_paramgen_curve:P-256", "the certificate is signed over SHA-1, which can be forged")]
    [InlineData("-sha256", "rsa:1024", "the certificate has an RSA key of 1024 bits, which is too short to be believed")]
    [InlineData("-sha256", "ec -pkeyopt ec_paramgen_curve:secp112r1", "no TLS 1.2 or newer could be agreed on")]
    public async Task C03_Nothing_is_said_to_whoever_shows_a_certificate_that_can_be_forged(string digest, string key, string complaint)
    {
        await using OpenSslServer server = await OpenSslServer.StartAsync(digest, key);
        await AssertSilentAsync(server, complaint);
        tally.Refused();
    }

    [Theory]
    [InlineData("220 smarthost.test ESMTP\r\n", "454 4.7.5 ", "speaks SMTP in clear text where TLS was expected")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "4", "TLS")]
    [InlineData("\x15\x03\x03\0\x02\x02\x28", "454 4.7.5 ", "")] // an alert: handshake failure
    [InlineData("\x80\x2e\x01\x03\x01\0\x15\0\0\0\x10", "4", "")] // the beginning of a hello of SSL 2
    [InlineData("", "421 4.4.2 ", "")] // it hangs up
    public async Task C01_Nothing_but_TLS_is_said_to_whoever_speaks_none(string octets, string status, string complaint)
    {
        FakeEnding ending = octets is "" or ['\x80', ..] ? FakeEnding.Close : FakeEnding.Silence;
        var smarthost = new FakeSmarthost { Tls = FakeTls.None, Password = Password, OnGreeting = _ => FakeAnswer.Raw(octets) with { Ending = ending } };
        await using var relay = new DeliveryUnderTest(smarthost);
        relay.SmarthostOptions.Tls = SmarthostTls.Implicit;
        await AssertDistrustAsync(relay, status, complaint);
        Assert.Empty(smarthost.Commands);
        tally.Refused();
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("* OK IMAP4rev1 ready\r\n")]
    [InlineData("+OK POP3 ready\r\n")]
    public async Task A_server_of_another_protocol_with_a_good_certificate_hears_no_command(string greeting)
    {
        var smarthost = new FakeSmarthost { Password = Password, OnGreeting = _ => FakeAnswer.Raw(greeting) };
        await using var relay = new DeliveryUnderTest(smarthost);
        await AssertDistrustAsync(relay, "421 4.5.0 ", "does not speak SMTP");
        Assert.Empty(smarthost.Commands);
        tally.Refused();
    }

    private static async Task AssertSilentAsync(OpenSslServer server, string complaint)
    {
        await using var relay = new DeliveryUnderTest(new FakeSmarthost { Password = Password });
        relay.Wire = _ =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(server.EndPoint);
            return new NetworkStream(socket, ownsSocket: true);
        };
        await AssertDistrustAsync(relay, "454 4.7.5 ", complaint);
        Assert.DoesNotContain(server.Heard, line => s_secrets.Any(secret => line.Contains(secret, StringComparison.Ordinal)));
    }

    private static async Task AssertDistrustAsync(DeliveryUnderTest relay, string status, string complaint)
    {
        using var said = new MemoryStream();
        Func<Stream, Stream>? wire = relay.Wire;
        relay.Wire = stream => new CutStream(wire?.Invoke(stream) ?? stream, Cut.Nowhere, said);
        relay.Start();
        QueueId id = await relay.AcceptAsync("alice@example.net", "bob@example.org");
        await relay.QuietAsync();

        Assert.Equal("Waiting", await relay.StateAsync(id));
        string reply = Assert.Single(Assert.Single(await relay.QueueAsync()).Recipients).LastReply!;
        Assert.StartsWith(status, reply, StringComparison.Ordinal);
        Assert.Contains(complaint, reply, StringComparison.Ordinal);
        Assert.Contains(relay.Logged(LogLevel.Warning), line => line.Contains(reply, StringComparison.Ordinal));
        string clear = Encoding.Latin1.GetString(said.ToArray());
        bool isStartTls = relay.SmarthostOptions.Tls == SmarthostTls.StartTls;
        Assert.DoesNotContain(isStartTls ? s_secrets[..3] : s_secrets, secret => clear.Contains(secret, StringComparison.Ordinal));
        Assert.DoesNotContain(relay.Logged(LogLevel.Trace), line => s_secrets[..3].Any(secret => line.Contains(secret, StringComparison.Ordinal)));
        AssertRecords(said.ToArray().AsSpan(isStartTls ? "EHLO relay.test\r\nSTARTTLS\r\n".Length : 0));
    }

    /// <summary>Nothing but whole TLS records (RFC 8446 §5.1).</summary>
    private static void AssertRecords(ReadOnlySpan<byte> octets)
    {
        int at = 0;
        while (at < octets.Length)
        {
            Assert.InRange(octets[at], 0x14, 0x17);
            at += 5 + (octets[at + 3] << 8 | octets[at + 4]);
        }

        Assert.Equal(octets.Length, at);
    }

    /// <summary>How many were refused.</summary>
    public sealed class Tally : IDisposable
    {
        private int _refused;

        public void Refused() => Interlocked.Increment(ref _refused);

        public void Dispose() => Figures.Note(
            "network, certificates and protocols not to be believed", ("kinds", _refused), ("believed", 0), ("secrets said", 0), ("lost", 0));
    }
}
