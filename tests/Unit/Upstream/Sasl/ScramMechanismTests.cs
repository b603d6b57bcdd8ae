using System.Security.Cryptography;
using System.Text;
using RelayProxy.Upstream.Sasl;

namespace RelayProxy.Unit.Upstream.Sasl;

public class ScramMechanismTests
{
    private const string Sha1Nonce = "fyko+d2lbbFgONRv9qkxdawL";
    private const string Sha1ServerFirst = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
    private const string Sha1ServerFinal = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=";

    private static readonly SaslCredentials s_credentials = new() { Username = "user", Password = "pencil" };

    [Fact]
    public void Speaks_the_example_of_RFC_5802_section_5()
    {
        ScramMechanism scram = Sha1();

        Assert.Equal("SCRAM-SHA-1", scram.Name);
        Assert.Equal("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", Ascii(scram.InitialResponse()));
        Assert.Equal("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", Answer(scram, Sha1ServerFirst));
        Assert.Equal("", Answer(scram, Sha1ServerFinal));
        scram.Finish();
    }

    [Fact]
    public void Speaks_the_example_of_RFC_7677_section_3()
    {
        var scram = ScramMechanism.Plain(HashAlgorithmName.SHA256, s_credentials, smarthostOffersPlus: false, "rOprNGfwEbeRWgbNEkqO");

        Assert.Equal("SCRAM-SHA-256", scram.Name);
        Assert.Equal("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", Ascii(scram.InitialResponse()));
        Assert.Equal(
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            Answer(scram, "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
        Assert.Equal("", Answer(scram, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
        scram.Finish();
    }

    [Theory]
    [InlineData("SHA1", "SCRAM-SHA-1-PLUS")]
    [InlineData("SHA256", "SCRAM-SHA-256-PLUS")]
    public void Plus_convinces_a_server_at_the_same_end_of_TLS_and_no_other(string hash, string name)
    {
        byte[] endPoint = SHA256.HashData("a certificate"u8);
        var credentials = new SaslCredentials { Username = "user", Password = "pencil", IsEncrypted = true, TlsServerEndPoint = endPoint };

        foreach (bool sameEnd in new[] { true, false })
        {
            var scram = ScramMechanism.Plus(new HashAlgorithmName(hash), credentials);
            var server = new ScramServer(new HashAlgorithmName(hash), "user", "pencil", sameEnd ? endPoint : SHA256.HashData("another"u8));

            Assert.Equal(name, scram.Name);
            string first = Ascii(scram.InitialResponse());
            Assert.StartsWith("p=tls-server-end-point,,n=user,r=", first, StringComparison.Ordinal);
            string final = Answer(scram, server.First(first));
            Assert.Equal(sameEnd, server.TryFinal(final, out string serverFinal));
            if (sameEnd)
            {
                Assert.Equal("", Answer(scram, serverFinal));
                scram.Finish();
            }
        }
    }

    [Theory]
    [InlineData(false, false, "n,,")] // no TLS, nothing to bind to
    [InlineData(true, false, "y,,")] // we could, the smarthost seems not to
    [InlineData(true, true, "n,,")] // it offers PLUS and the operator ruled it out: y would be taken for tampering
    public void The_flag_tells_whether_an_offer_of_binding_was_missed(bool tls, bool offersPlus, string header)
    {
        var credentials = new SaslCredentials
        {
            Username = "user", Password = "pencil", IsEncrypted = tls, TlsServerEndPoint = tls ? new byte[32] : [],
        };
        var scram = ScramMechanism.Plain(HashAlgorithmName.SHA256, credentials, offersPlus);
        var server = new ScramServer(HashAlgorithmName.SHA256, "user", "pencil", []);

        string first = Ascii(scram.InitialResponse());
        Assert.StartsWith(header + "n=user", first, StringComparison.Ordinal);
        Assert.True(server.TryFinal(Answer(scram, server.First(first)), out _));
    }

    [Theory]
    [InlineData("r=fyko+d2lbbFgONRv9qkxdawL,s=QSXCR+Q6sek8bf92,i=4096")] // ours, and nothing added
    [InlineData("r=Fyko+d2lbbFgONRv9qkxdawL3rfc,s=QSXCR+Q6sek8bf92,i=4096")]
    [InlineData("r=3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096")]
    [InlineData("r=,s=QSXCR+Q6sek8bf92,i=4096")]
    public void C20_A_server_nonce_that_does_not_extend_ours_ends_the_exchange(string serverFirst) =>
        Assert.Contains("nonce", RefusedFirst(serverFirst).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1000001")]
    [InlineData("2147483648")]
    [InlineData("99999999999999999999")]
    [InlineData("4096x")]
    [InlineData("")]
    public void C20_An_iteration_count_out_of_bounds_is_refused_before_any_work(string iterations) =>
        Assert.Contains("iteration", RefusedFirst($"r={Sha1Nonce}3rfc,s=QSXCR+Q6sek8bf92,i={iterations}").Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("m=must-understand,r=fyko+d2lbbFgONRv9qkxdawL3rfc,s=QSXCR+Q6sek8bf92,i=4096")]
    [InlineData("r=fyko+d2lbbFgONRv9qkxdawL3rfc,i=4096,s=QSXCR+Q6sek8bf92")]
    [InlineData("r=fyko+d2lbbFgONRv9qkxdawL3rfc,s=,i=4096")]
    [InlineData("r=fyko+d2lbbFgONRv9qkxdawL3rfc,s=***,i=4096")]
    [InlineData("r=fyko+d2lbbFgONRv9qkxdawL3rfcö,s=QSXCR+Q6sek8bf92,i=4096")]
    public void A_malformed_first_message_ends_the_exchange(string serverFirst) =>
        Assert.Equal(SaslFault.ServerNotTrusted, RefusedFirst(serverFirst).Fault);

    [Fact]
    public void Extensions_at_the_end_of_the_first_message_are_passed_over()
    {
        ScramMechanism scram = Sha1();
        scram.InitialResponse();

        Assert.StartsWith("c=biws,r=", Answer(scram, Sha1ServerFirst + ",x=whatever"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v=smF9pqV8S7suAoZWja4dJRkFsKQ=")]
    [InlineData("v=")]
    [InlineData("v=***")]
    [InlineData("")]
    [InlineData("rmF9pqV8S7suAoZWja4dJRkFsKQ=")]
    public void C20_A_wrong_server_signature_ends_the_exchange(string serverFinal)
    {
        ScramMechanism scram = Sha1();
        scram.InitialResponse();
        Answer(scram, Sha1ServerFirst);

        Assert.Throws<SaslException>(() => Answer(scram, serverFinal));
        Assert.Throws<SaslException>(scram.Finish);
    }

    [Fact]
    public void C20_A_235_before_the_server_has_proved_itself_is_not_believed()
    {
        ScramMechanism scram = Sha1();
        Assert.Throws<SaslException>(scram.Finish);
        scram.InitialResponse();
        Assert.Throws<SaslException>(scram.Finish);
        Answer(scram, Sha1ServerFirst);
        Assert.Throws<SaslException>(scram.Finish);
    }

    [Theory]
    [InlineData("e=invalid-proof", "CredentialsRefused", "invalid-proof")]
    [InlineData("e=unknown-user", "CredentialsRefused", "unknown-user")]
    [InlineData("e=unsupported-channel-binding-type", "MechanismUnusable", "unsupported-channel-binding-type")]
    [InlineData("e=\u001b[2Jforged", "CredentialsRefused", "the smarthost refused SCRAM-SHA-1")]
    public void A_server_error_tells_whose_fault_it_is(string serverFinal, string fault, string text)
    {
        ScramMechanism scram = Sha1();
        scram.InitialResponse();
        Answer(scram, Sha1ServerFirst);

        var refused = Assert.Throws<SaslException>(() => Answer(scram, serverFinal));
        Assert.Equal(fault, refused.Fault.ToString());
        Assert.EndsWith(text, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_challenge_out_of_turn_ends_the_exchange()
    {
        Assert.Throws<SaslException>(() => Answer(Sha1(), Sha1ServerFirst));

        ScramMechanism finished = Sha1();
        finished.InitialResponse();
        Answer(finished, Sha1ServerFirst);
        Answer(finished, Sha1ServerFinal);
        Assert.Throws<SaslException>(() => Answer(finished, Sha1ServerFinal));
    }

    [Fact]
    public void Comma_and_equals_sign_in_a_user_name_are_escaped()
    {
        var credentials = new SaslCredentials { Username = "a=b,c", Password = "pencil" };
        var scram = ScramMechanism.Plain(HashAlgorithmName.SHA256, credentials, smarthostOffersPlus: false, "abc");

        Assert.Equal("n,,n=a=3Db=2Cc,r=abc", Ascii(scram.InitialResponse()));
    }

    [Fact]
    public void Nonces_are_never_the_same_and_hold_no_comma()
    {
        string[] nonces = [.. Enumerable.Range(0, 100).Select(_ =>
            Ascii(ScramMechanism.Plain(HashAlgorithmName.SHA256, s_credentials, smarthostOffersPlus: false).InitialResponse())["n,,n=user,r=".Length..])];

        Assert.Equal(100, nonces.Distinct().Count());
        Assert.All(nonces, nonce => Assert.True(nonce.Length == 32 && !nonce.Contains(',', StringComparison.Ordinal)));
    }

    [Fact]
    public void No_message_that_is_shown_holds_the_password()
    {
        foreach (string serverFirst in new[] { "", "e=other-error", "r=pencil,s=QSXCR+Q6sek8bf92,i=1", $"r={Sha1Nonce}x,s=cGVuY2ls,i=0" })
        {
            Assert.DoesNotContain("pencil", RefusedFirst(serverFirst).ToString(), StringComparison.Ordinal);
        }
    }

    private static SaslException RefusedFirst(string serverFirst)
    {
        ScramMechanism scram = Sha1();
        scram.InitialResponse();
        return Assert.Throws<SaslException>(() => Answer(scram, serverFirst));
    }

    private static ScramMechanism Sha1() =>
        ScramMechanism.Plain(HashAlgorithmName.SHA1, s_credentials, smarthostOffersPlus: false, Sha1Nonce);

    private static string Answer(ScramMechanism scram, string challenge) => Ascii(scram.Respond(Encoding.UTF8.GetBytes(challenge)));

    private static string Ascii(byte[] octets) => Encoding.ASCII.GetString(octets);
}
