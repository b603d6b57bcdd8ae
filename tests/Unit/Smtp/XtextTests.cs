using RelayProxy.Smtp;

namespace RelayProxy.Unit.Smtp;

public class XtextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("QQ314159", "QQ314159")]
    [InlineData("a+b=c", "a+2Bb+3Dc")]
    [InlineData("two words", "two+20words")]
    [InlineData("gr\u00fc\u00df@example.net", "gr+C3+BC+C3+9F@example.net")]
    public void C38_Text_comes_back_from_xtext_as_it_went_in(string text, string xtext)
    {
        Assert.Equal(xtext, Xtext.Encode(text));
        Assert.True(Xtext.TryDecode(xtext, out string decoded));
        Assert.Equal(text, decoded);
    }

    [Fact]
    public void C38_Every_printable_character_survives()
    {
        string all = string.Concat(Enumerable.Range(32, 95).Select(code => (char)code));
        string xtext = Xtext.Encode(all);
        Assert.DoesNotContain(xtext, letter => letter is <= ' ' or > '~' or '=');
        Assert.True(Xtext.TryDecode(xtext, out string decoded));
        Assert.Equal(all, decoded);
    }

    [Theory]
    [InlineData("a+0")]
    [InlineData("a+")]
    [InlineData("+zz")]
    [InlineData("+0a")]
    [InlineData("+c3+bc")]
    [InlineData("=")]
    [InlineData("two words")]
    [InlineData("gr\u00fc\u00df")]
    [InlineData("+C3")]
    [InlineData("+FF")]
    public void E29_What_is_not_xtext_is_refused(string xtext) => Assert.False(Xtext.TryDecode(xtext, out _));

    [Theory]
    [InlineData("+00")]
    [InlineData("rfc822;a+0D+0A@b")]
    [InlineData("+1B[2J")]
    [InlineData("+7F")]
    [InlineData("+C2+85")]
    public void E30_An_encoded_control_character_is_refused(string xtext) => Assert.False(Xtext.TryDecode(xtext, out _));
}
