using System.Globalization;
using System.Text;
using System.Threading.Channels;
using RelayProxy.Commands.Demo;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Foreign;

/// <summary>The stand-in smarthost that ships with the product, fed by clients nobody here wrote.</summary>
public sealed class DemoSmarthostTests : IDisposable
{
    private const string Message = "Subject: hello\r\n\r\n.dot\r\nend\r\n";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Smtplib_verifies_it_logs_in_and_sends() => await SendAsync((port, authority, _) => Programs.RunAsync(
        "python3",
        "-c",
        $"""
        import smtplib, ssl, sys
        with smtplib.SMTP_SSL('localhost', {port}, context=ssl.create_default_context(cafile=sys.argv[1])) as smtp:
            smtp.login('demo', 'secret')
            smtp.sendmail('a@example.org', ['b@example.net'], {PythonBytes(Message)})
        """,
        authority));

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    public async Task Curl_verifies_it_logs_in_and_sends(string mechanism) => await SendAsync((port, authority, file) => Programs.RunAsync(
        "curl", "-sS", "--cacert", authority, $"smtps://localhost:{port}", "--user", "demo:secret", "--login-options", $"AUTH={mechanism}",
        "--mail-from", "a@example.org", "--mail-rcpt", "b@example.net", "--upload-file", file));

    public void Dispose() => _folder.Dispose();

    private static string PythonBytes(string text) => $"b'{text.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}'";

    private async Task SendAsync(Func<string, string, string, Task> send)
    {
        var arrivals = Channel.CreateUnbounded<DemoArrival>();
        var options = new DemoSmarthostOptions { Login = new DemoLogin("demo", "secret"), MaxKeptOctets = 1000 };
        await using var smarthost = new DemoSmarthost(options, TimeProvider.System, arrival => arrivals.Writer.TryWrite(arrival));
        smarthost.Start();
        string file = _folder.Write("message", Message);

        await send(smarthost.EndPoint.Port.ToString(CultureInfo.InvariantCulture), _folder.Write("ca.pem", smarthost.AuthorityPem), file);

        DemoArrival arrival = await arrivals.Reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal("a@example.org", arrival.Sender);
        Assert.Equal(["b@example.net"], arrival.Recipients);
        Assert.Equal(Message, Encoding.ASCII.GetString(arrival.Content.Span));
    }
}
