using System.Text;
using RelayProxy.Listener.Probes;

namespace RelayProxy.Unit.Listener.Probes;

public class ProbeRequestTests
{
    [Theory]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "/metrics")]
    [InlineData("HEAD /livez?verbose=1 HTTP/1.0\n\n", "HEAD", "/livez")]
    [InlineData("DELETE / HTTP/1.1\r\n\r\n", "DELETE", "/")]
    public void A_request_has_a_method_and_a_path(string octets, string method, string path) =>
        Assert.Equal(new ProbeRequest(method, path), ProbeRequest.Parse(Encoding.Latin1.GetBytes(octets)));

    [Theory]
    [InlineData("")]
    [InlineData("\r\n\r\n")]
    [InlineData("GET /metrics\r\n\r\n")]
    [InlineData("GET  /metrics HTTP/1.1\r\n\r\n")]
    [InlineData("GET metrics HTTP/1.1\r\n\r\n")]
    [InlineData("GET /metrics HTTP/2\r\n\r\n")]
    [InlineData("GET /m\u00e9 HTTP/1.1\r\n\r\n")]
    [InlineData("EHLO client.example\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\n\n")]
    public void What_is_no_request_is_none(string octets) => Assert.Null(ProbeRequest.Parse(Encoding.Latin1.GetBytes(octets)));

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", true)]
    [InlineData("GET / HTTP/1.1\n\n", true)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n", false)]
    [InlineData("GET / HTTP/1.1\r\n\r", false)]
    public void It_is_whole_at_the_empty_line(string octets, bool isWhole) =>
        Assert.Equal(isWhole, ProbeRequest.IsWhole(Encoding.Latin1.GetBytes(octets)));
}
