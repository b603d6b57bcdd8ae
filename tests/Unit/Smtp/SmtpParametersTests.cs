using System.Text;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Smtp;

public class SmtpParametersTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("  ", "")]
    [InlineData(" SIZE=1000", "SIZE=1000")]
    [InlineData(" size=1000 Body=8BITMIME smtputf8", "SIZE=1000 BODY=8BITMIME SMTPUTF8")]
    [InlineData(" X-1=<>;+3D ", "X-1=<>;+3D")]
    [InlineData(" ORCPT=rfc822;Bob@Example.NET NOTIFY=SUCCESS,DELAY\t", "ORCPT=rfc822;Bob@Example.NET NOTIFY=SUCCESS,DELAY")]
    public void Splits_parameters_and_keeps_their_order(string text, string expected)
    {
        var parameters = new List<SmtpParameter>();
        Assert.True(SmtpParameters.TryParse(Encoding.UTF8.GetBytes(text), allowUtf8: false, parameters));
        Assert.Equal(expected, string.Join(' ', parameters.Select(p => p.Value is null ? p.Keyword : $"{p.Keyword}={p.Value}")));
    }

    [Fact]
    public void A14_An_unknown_keyword_fits_the_grammar_and_is_left_to_the_session()
    {
        var parameters = new List<SmtpParameter>();
        Assert.True(SmtpParameters.TryParse(" FOO=BAR"u8, allowUtf8: false, parameters));
        Assert.Equal([new SmtpParameter("FOO", "BAR")], parameters);
    }

    [Theory]
    [InlineData(" SIZE==1")]
    [InlineData(" =1")]
    [InlineData(" =")]
    [InlineData(" SIZE=")]
    [InlineData(" SIZE= 1")]
    [InlineData(" SIZE =1")]
    [InlineData(" SIZE=1  BODY=7BIT")]
    [InlineData(" SIZE=1\tBODY=7BIT")]
    [InlineData("\tSIZE=1")]
    [InlineData(" -SIZE=1")]
    [InlineData(" SI_ZE=1")]
    [InlineData(" SIZE=\u0001")]
    [InlineData(" SIZE=\u007f")]
    [InlineData(" ENVID=gr\u00fc\u00df")]
    public void A15_What_does_not_fit_the_grammar_is_refused(string text) =>
        Assert.False(SmtpParameters.TryParse(Encoding.UTF8.GetBytes(text), allowUtf8: false, []));

    [Theory]
    [InlineData("SIZE=1 SIZE=1")]
    [InlineData("BODY=7BIT body=8BITMIME")]
    [InlineData("RET=FULL SIZE=3 RET=HDRS")]
    [InlineData("ENVID=a ENVID=a")]
    [InlineData("NOTIFY=NEVER NOTIFY=NEVER")]
    [InlineData("ORCPT=rfc822;a@b ORCPT=rfc822;a@b")]
    [InlineData("X-NEW x-new")]
    public void A16_A_keyword_that_comes_twice_is_refused(string text) =>
        Assert.False(SmtpParameters.TryParse(Encoding.UTF8.GetBytes(text), allowUtf8: false, []));

    [Fact]
    public void With_SMTPUTF8_a_value_may_hold_UTF8_and_nothing_but_UTF8()
    {
        Assert.True(SmtpParameters.TryParse("ORCPT=utf-8;\u00fc@x.y"u8, allowUtf8: true, []));
        Assert.False(SmtpParameters.TryParse([.. "ORCPT=utf-8;"u8, 0xC0, 0x80], allowUtf8: true, []));
        Assert.False(SmtpParameters.TryParse("ORCPT=a\u007f"u8, allowUtf8: true, []));
    }
}
