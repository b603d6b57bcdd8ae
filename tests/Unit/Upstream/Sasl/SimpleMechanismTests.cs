using System.Text;
using RelayProxy.Upstream.Sasl;

namespace RelayProxy.Unit.Upstream.Sasl;

/// <summary>PLAIN, LOGIN, CRAM-MD5 and EXTERNAL: what is sent, and what is refused.</summary>
public class SimpleMechanismTests
{
    private static readonly SaslCredentials s_tim = new() { Username = "tim", Password = "tanstaaftanstaaf", IsEncrypted = true };

    [Fact]
    public void Plain_speaks_the_example_of_RFC_4616_section_4() =>
        Assert.Equal("\0tim\0tanstaaftanstaaf"u8.ToArray(), new PlainMechanism(s_tim).InitialResponse());

    [Fact]
    public void Plain_sends_UTF8_as_it_is()
    {
        var credentials = new SaslCredentials { Username = "jürgen", Password = "pass wörd", IsEncrypted = true };

        Assert.Equal("\0jürgen\0pass wörd"u8.ToArray(), new PlainMechanism(credentials).InitialResponse());
    }

    [Fact]
    public void Cram_md5_speaks_the_example_of_RFC_2195_section_2()
    {
        var cram = new CramMd5Mechanism(s_tim);

        Assert.Null(cram.InitialResponse());
        Assert.Equal(
            "tim b913a602c7eda7a495b4e6e7334d3890"u8.ToArray(),
            cram.Respond("<1896.697170952@postoffice.reston.mci.net>"u8));
    }

    [Fact]
    public void Cram_md5_answers_once_and_never_an_empty_challenge()
    {
        var cram = new CramMd5Mechanism(s_tim);
        Assert.Throws<SaslException>(() => cram.Respond([]));
        cram.Respond("<1@example.net>"u8);
        Assert.Throws<SaslException>(() => cram.Respond("<2@example.net>"u8));
    }

    [Fact]
    public void Login_answers_twice_whatever_it_is_asked_with()
    {
        var login = new LoginMechanism(s_tim);

        Assert.Null(login.InitialResponse());
        Assert.Equal("tim", Encoding.UTF8.GetString(login.Respond("Username:"u8)));
        Assert.Equal("tanstaaftanstaaf", Encoding.UTF8.GetString(login.Respond("Passwort bitte"u8)));
        Assert.Throws<SaslException>(() => login.Respond("Username:"u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("fred")]
    public void External_names_the_user_on_whose_behalf_if_there_is_one(string username)
    {
        var external = new ExternalMechanism(new SaslCredentials { Username = username, HasClientCertificate = true, IsEncrypted = true });

        Assert.Equal(username, Encoding.UTF8.GetString(external.InitialResponse()));
    }

    [Fact]
    public void Mechanisms_of_one_message_answer_no_challenge()
    {
        Assert.Throws<SaslException>(() => new PlainMechanism(s_tim).Respond([]));
        Assert.Throws<SaslException>(() => new ExternalMechanism(s_tim).Respond([]));
    }

    [Fact]
    public void Credentials_show_nothing_when_printed()
    {
        var credentials = new SaslCredentials { Username = "tim", Password = "hunter2", AccessToken = "ya29.token" };

        Assert.Equal("SaslCredentials", $"{credentials}");
    }
}
