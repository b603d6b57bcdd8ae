using System.Text;
using RelayProxy.Upstream.Sasl;

namespace RelayProxy.Unit.Upstream.Sasl;

public class OAuthMechanismTests
{
    private const string Token = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==";

    private static readonly SaslCredentials s_user = new()
    {
        Username = "user@example.com", AccessToken = Token, Host = "server.example.com", Port = 587, IsEncrypted = true,
    };

    [Fact]
    public void Oauthbearer_speaks_the_example_of_RFC_7628_section_4_1()
    {
        Assert.Equal(
            Convert.FromBase64String(
                "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9NTg3AWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"),
            new OAuthBearerMechanism(s_user).InitialResponse());
    }

    [Fact]
    public void Oauthbearer_answers_the_explanation_of_RFC_7628_section_4_4_and_keeps_it_for_the_log()
    {
        var mechanism = new OAuthBearerMechanism(s_user);
        mechanism.InitialResponse();

        byte[] answer = mechanism.Respond(Convert.FromBase64String(
            "eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NoZW1lcyI6ImJlYXJlciBtYWMiLCJzY29wZSI6Imh0dHBzOi8vbWFpbC5leGFtcGxlLmNvbS8ifQ=="));

        Assert.Equal([1], answer);
        Assert.Equal("the token was refused: status invalid_token, scope https://mail.example.com/", mechanism.Complaint);
        var refused = Assert.Throws<SaslException>(mechanism.Finish);
        Assert.Equal(SaslFault.CredentialsRefused, refused.Fault);
        Assert.Equal(mechanism.Complaint, refused.Message);
    }

    [Fact]
    public void Oauthbearer_without_a_user_name_names_none_and_escapes_one_that_needs_it()
    {
        var nameless = new SaslCredentials { AccessToken = "t", IsEncrypted = true };
        var odd = new SaslCredentials { Username = "a,b=c", AccessToken = "t", IsEncrypted = true };

        Assert.Equal("n,,\u0001auth=Bearer t\u0001\u0001", Encoding.UTF8.GetString(new OAuthBearerMechanism(nameless).InitialResponse()));
        Assert.Equal("n,a=a=2Cb=3Dc,\u0001auth=Bearer t\u0001\u0001", Encoding.UTF8.GetString(new OAuthBearerMechanism(odd).InitialResponse()));
    }

    [Fact]
    public void Xoauth2_speaks_the_example_of_its_description()
    {
        var credentials = new SaslCredentials
        {
            Username = "someuser@example.com", AccessToken = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg", IsEncrypted = true,
        };
        var mechanism = new XOAuth2Mechanism(credentials);

        Assert.Equal(
            "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==",
            Convert.ToBase64String(mechanism.InitialResponse()));
        Assert.Empty(mechanism.Respond(Convert.FromBase64String(
            "eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyIsInNjb3BlIjoiaHR0cHM6Ly9tYWlsLmdvb2dsZS5jb20vIn0K")));
        Assert.Equal("the token was refused: status 401, scope https://mail.google.com/", mechanism.Complaint);
    }

    [Fact]
    public void A_second_explanation_ends_the_exchange()
    {
        var mechanism = new XOAuth2Mechanism(s_user);
        mechanism.Respond("""{"status":"400"}"""u8);

        Assert.Contains("status 400", Assert.Throws<SaslException>(() => mechanism.Respond([])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_login_that_was_not_refused_has_nothing_to_complain_of()
    {
        var mechanism = new OAuthBearerMechanism(s_user);
        mechanism.InitialResponse();
        mechanism.Finish();

        Assert.Null(mechanism.Complaint);
    }

    [Theory]
    [InlineData("""{"status":401,"scope":null}""", "the token was refused: status 401")]
    [InlineData("""{"nested":{"status":"no"},"list":[1,{"scope":"no"}],"status":"yes"}""", "the token was refused: status yes")]
    [InlineData("""{"status":"a\u001b[2J\nb"}""", "the token was refused: status a?[2J?b")]
    [InlineData("""{"status":"vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="}""", "the token was refused: status (token)")]
    [InlineData("""{"status":"\ud800"}""", "the token was refused without a status")]
    [InlineData("""{"status":{"a":1}}""", "the token was refused without a status")]
    [InlineData("""["status","x"]""", "the token was refused without a status")]
    [InlineData("""{"status":""", "the token was refused without a status")]
    [InlineData("not json", "the token was refused without a status")]
    [InlineData("", "the token was refused without a status")]
    public void Whatever_the_explanation_holds_one_clean_line_comes_out(string json, string text) =>
        Assert.Equal(text, OAuthError.Describe(Encoding.UTF8.GetBytes(json), Token));

    [Fact]
    public void A_long_explanation_is_cut_short() =>
        Assert.True(OAuthError.Describe(Encoding.UTF8.GetBytes($$"""{"status":"{{new string('x', 100_000)}}"}"""), Token).Length < 200);
}
