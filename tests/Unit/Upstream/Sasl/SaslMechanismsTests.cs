using RelayProxy.Upstream.Sasl;

namespace RelayProxy.Unit.Upstream.Sasl;

public class SaslMechanismsTests
{
    private static readonly string[] s_everything =
        ["LOGIN", "PLAIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER", "EXTERNAL", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"];

    [Fact]
    public void C17_Candidates_come_strongest_first_whatever_the_order_of_the_offer()
    {
        SaslChoice choice = SaslMechanisms.Choose(s_everything, Everything(), []);

        Assert.Equal(SaslMechanisms.Names, choice.Candidates.Select(mechanism => mechanism.Name));
        Assert.Equal(s_everything.Reverse(), SaslMechanisms.Names);
        Assert.Equal("", choice.Reason);
        Assert.True(choice.TryGetStrongest(out SaslMechanism? strongest));
        Assert.Equal("SCRAM-SHA-256-PLUS", strongest.Name);
    }

    [Fact]
    public void Names_are_compared_without_regard_to_case() =>
        Assert.Equal(["SCRAM-SHA-1", "PLAIN"], Names(SaslMechanisms.Choose(["plain", "Scram-Sha-1"], Everything(), ["PLAIN", "scram-sha-1"])));

    [Theory]
    [InlineData(false, false, "CRAM-MD5")]
    [InlineData(false, true, "CRAM-MD5 PLAIN LOGIN")] // loopback, or the operator said so
    [InlineData(true, false, "CRAM-MD5 PLAIN LOGIN")]
    public void C17_The_password_is_shown_inside_TLS_only(bool encrypted, bool allowPlaintext, string names)
    {
        var credentials = new SaslCredentials { Username = "u", Password = "p", IsEncrypted = encrypted, AllowPlaintext = allowPlaintext };

        Assert.Equal(names.Split(' '), Names(SaslMechanisms.Choose(["PLAIN", "LOGIN", "CRAM-MD5"], credentials, [])));
    }

    [Fact]
    public void A_token_is_not_shown_outside_TLS_either()
    {
        var credentials = new SaslCredentials { Username = "u", AccessToken = "t" };

        Assert.Contains("needs TLS", SaslMechanisms.Choose(["XOAUTH2", "OAUTHBEARER"], credentials, []).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Plus_needs_a_channel_binding() =>
        Assert.Equal(
            ["SCRAM-SHA-256"],
            Names(SaslMechanisms.Choose(["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"], new SaslCredentials { Username = "u", Password = "p", IsEncrypted = true }, [])));

    [Fact]
    public void What_the_operator_did_not_allow_is_passed_over() =>
        Assert.Equal(["PLAIN"], Names(SaslMechanisms.Choose(s_everything, Everything(), ["plain"])));

    [Fact]
    public void A_password_that_cannot_be_normalised_here_goes_to_a_mechanism_whose_server_does_it()
    {
        var credentials = new SaslCredentials { Username = "u", Password = "Ⅸ", IsEncrypted = true };

        Assert.Equal(["PLAIN"], Names(SaslMechanisms.Choose(["SCRAM-SHA-256", "PLAIN"], credentials, [])));
        Assert.Equal(
            "no SASL mechanism that the smarthost offers can be used: SCRAM-SHA-256 (the user name or the password holds characters that SCRAM would have to normalise)",
            SaslMechanisms.Choose(["SCRAM-SHA-256"], credentials, []).Reason);
    }

    [Fact]
    public void Without_a_candidate_the_reason_names_each_offer_and_what_it_lacks()
    {
        var credentials = new SaslCredentials { Username = "u", Password = "p" };

        SaslChoice choice = SaslMechanisms.Choose(["GSSAPI", "PLAIN", "XOAUTH2", "EXTERNAL", "CRAM-MD5", "\u001b[2J"], credentials, ["PLAIN", "XOAUTH2", "EXTERNAL"]);

        Assert.Empty(choice.Candidates);
        Assert.False(choice.TryGetStrongest(out _));
        Assert.Equal(
            "no SASL mechanism that the smarthost offers can be used: EXTERNAL (needs Smarthost:ClientCertificateFile and TLS), "
            + "XOAUTH2 (needs Smarthost:AccessToken), CRAM-MD5 (not in Smarthost:Mechanisms), "
            + "PLAIN (needs TLS, or Smarthost:AllowPlaintextAuth), GSSAPI (not known here)",
            choice.Reason);
    }

    [Theory]
    [InlineData("", "p", "PLAIN (needs Smarthost:Username)")]
    [InlineData("u", "", "PLAIN (needs a password)")]
    [InlineData("u", "p\0q", "PLAIN (the user name or the password holds a NUL)")]
    public void Credentials_that_a_mechanism_cannot_carry_are_told(string username, string password, string reason)
    {
        var credentials = new SaslCredentials { Username = username, Password = password, IsEncrypted = true };

        Assert.EndsWith(reason, SaslMechanisms.Choose(["PLAIN"], credentials, []).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ab\u0001c")]
    [InlineData("two words")]
    [InlineData("tokén")]
    public void A_token_that_would_break_the_frame_is_not_sent(string token)
    {
        var credentials = new SaslCredentials { Username = "u", AccessToken = token, IsEncrypted = true };
        SaslChoice choice = SaslMechanisms.Choose(["XOAUTH2", "OAUTHBEARER"], credentials, []);

        Assert.Empty(choice.Candidates);
        Assert.DoesNotContain(token, choice.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_smarthost_without_AUTH_is_told_apart() =>
        Assert.Equal("the smarthost offers no AUTH", SaslMechanisms.Choose([], Everything(), []).Reason);

    [Fact]
    public void A_million_offers_make_a_short_reason()
    {
        string[] offered = [.. Enumerable.Range(0, 10_000).Select(number => $"X-{number}")];

        Assert.True(SaslMechanisms.Choose(offered, Everything(), []).Reason.Length < 500);
    }

    private static SaslCredentials Everything() => new()
    {
        Username = "u", Password = "p", AccessToken = "t", HasClientCertificate = true, IsEncrypted = true, TlsServerEndPoint = new byte[32],
    };

    private static IEnumerable<string> Names(SaslChoice choice) => choice.Candidates.Select(mechanism => mechanism.Name);
}
