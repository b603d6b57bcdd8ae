using RelayProxy.Upstream.Sasl;

namespace RelayProxy.Unit.Upstream.Sasl;

public class SecretVeilTests
{
    private static readonly string[] s_secrets = ["hunter2-and-more", "", "AHJlbGF5AGh1bnRlcjItYW5kLW1vcmU="];

    [Theory]
    [InlineData("Authentication failed", "Authentication failed")]
    [InlineData("the password hunter2-and-more is wrong", "the password *** is wrong")]
    [InlineData("hunter2-and-more", "***")]
    [InlineData("unrecognized: AUTH PLAIN AHJlbGF5AGh1bnRlcjItYW5kLW1vcmU=", "unrecognized: AUTH PLAIN ***")]
    [InlineData("unrecognized: AUTH PLAIN AHJlbGF5AGh1bnRl...", "unrecognized: AUTH PLAIN ***...")]      // cut short
    [InlineData("hunter2-and-more, hunter2-and-more!", "***, ***!")]
    public void What_a_server_repeats_of_a_login_is_taken_out(string reply, string shown) =>
        Assert.Equal(shown, SecretVeil.Over(reply, s_secrets));

    [Fact]
    public void A_short_secret_is_taken_out_whole() => Assert.Equal("not *** but", SecretVeil.Over("not abc but", ["abc"]));
}
