using System.Buffers.Text;
using System.Text;
using RelayProxy.Upstream.Sasl;

namespace RelayProxy.Unit.Upstream.Sasl;

public class TokenExpiryTests
{
    [Theory]
    [InlineData("""{"exp":1798761600}""")]
    [InlineData("""{"iss":"x","app":{"exp":5},"exp":1798761600.0,"scp":"SMTP.Send"}""")]
    public void A_JSON_Web_Token_says_when_it_expires(string claims) =>
        Assert.Equal(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), TokenExpiry.Of(Token(claims)));

    [Theory]
    [InlineData("""{"iss":"x"}""")]
    [InlineData("""{"exp":"tomorrow"}""")]
    [InlineData("""{"exp":-1}""")]
    [InlineData("""{"exp":1e300}""")]
    [InlineData("""{"exp":""")]
    [InlineData("[1798761600]")]
    [InlineData("")]
    public void One_that_does_not_tell_has_none(string claims) => Assert.Null(TokenExpiry.Of(Token(claims)));

    [Theory]
    [InlineData("")]
    [InlineData("ya29.a0AfH6SMBx")]
    [InlineData("a.b.c.d.e")]
    [InlineData("head.not base64.signature")]
    public void Nor_has_another_kind_of_token(string token) => Assert.Null(TokenExpiry.Of(token));

    private static string Token(string claims) => $"head.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.signature";
}
