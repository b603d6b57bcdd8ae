using RelayProxy.Upstream.Sasl;

namespace RelayProxy.Unit.Upstream.Sasl;

public class SecretVeilTests
{
    [Theory]
    [InlineData("Authentication failed", "Authentication failed")]
    [InlineData("the password hunter2-and-more is wrong", "the password *** is wrong")]
    [InlineData("hunter2-and-more", "***")]
    [InlineData("unrecognized: AUTH PLAIN AHJlbGF5AGh1bnRlcjItYW5kLW1vcmU=", "unrecognized: AUTH PLAIN ***")]
    [InlineData("unrecognized: AUTH PLAIN AHJlbGF5AGh1bnRl...", "unrecognized: AUTH PLAIN ***...")]      // cut short
    [InlineData("hunter2-and-more, hunter2-and-more!", "***, ***!")]
    [InlineData("hunter", "***")]
    [InlineData("hunte", "hunte")]
    [InlineData("", "")]
    public void What_a_server_repeats_of_a_login_is_taken_out(string reply, string shown) =>
        Assert.Equal(shown, Veil(6, "hunter2-and-more", "", "AHJlbGF5AGh1bnRlcjItYW5kLW1vcmU=").Over(reply));

    [Fact]
    public void A_short_secret_is_taken_out_whole() => Assert.Equal("not *** but", Veil(6, "abc").Over("not abc but"));

    [Theory]
    [InlineData("550 no user bob@example.net", "550 no user bob@example.net")]      // a password may have a word in it that others use
    [InlineData("550 your password is example.net-2024!", "550 your password is ***!")]
    [InlineData("550 example.net-2", "550 ***")]
    public void The_longer_the_piece_the_more_may_be_said(string reply, string shown) => Assert.Equal(shown, Veil(12, "example.net-2024").Over(reply));

    private static SecretVeil Veil(int piece, params string[] secrets)
    {
        var veil = new SecretVeil(piece);
        Array.ForEach(secrets, veil.Add);
        return veil;
    }
}
