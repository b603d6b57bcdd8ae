using RelayProxy.Upstream.Sasl;

namespace RelayProxy.Unit.Upstream.Sasl;

public class SaslPrepTests
{
    [Theory]
    [InlineData("I\u00ADX", "IX")] // RFC 4013 §3, examples 1 to 3
    [InlineData("user", "user")]
    [InlineData("USER", "USER")]
    [InlineData("pass wörd €", "pass wörd €")]
    [InlineData("a\u00A0b\u3000c", "a b c")]
    [InlineData("Пароль", "Пароль")]
    [InlineData("Ωμέγα", "Ωμέγα")]
    [InlineData("密码パスワード비밀", "密码パスワード비밀")]
    [InlineData("", "")]
    public void Text_that_needs_no_normalization_passes(string text, string prepared)
    {
        Assert.True(SaslPrep.TryPrepare(text, out string result));
        Assert.Equal(prepared, result);
    }

    [Theory]
    [InlineData("\u0007")] // RFC 4013 §3, example 6: prohibited
    [InlineData("\u0627\u0031")] // example 7: text that runs both ways
    [InlineData("\u00AA")] // examples 4 and 5 need NFKC, which is not to be had here
    [InlineData("\u2168")]
    [InlineData("e\u0301")]
    [InlineData("\uFF21")]
    [InlineData("tab\tinside")]
    [InlineData("\u007F")]
    [InlineData("\uE000")]
    [InlineData("\uFFFD")]
    [InlineData("\U0001F511")]
    public void What_is_prohibited_or_cannot_be_prepared_here_is_refused(string text) =>
        Assert.False(SaslPrep.TryPrepare(text, out _));

    [Fact]
    public void A_lone_surrogate_is_refused() => Assert.False(SaslPrep.TryPrepare(((char)0xD800).ToString(), out _));
}
