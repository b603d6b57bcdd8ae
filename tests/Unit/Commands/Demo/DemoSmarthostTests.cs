using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RelayProxy.Commands.Demo;

namespace RelayProxy.Unit.Commands.Demo;

public class DemoSmarthostTests
{
    [Theory]
    [InlineData("localhost", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("smarthost.internal", true)] // asked for
    [InlineData("smtp.example.net", false)]
    public async Task Its_certificate_is_for_the_names_it_is_reached_by_and_verifies_with_its_authority_alone(string name, bool accepted)
    {
        await using var smarthost = new DemoSmarthost(new DemoSmarthostOptions { HostNames = ["smarthost.internal"] }, TimeProvider.System, _ => { });
        smarthost.Start();

        if (accepted)
        {
            Assert.StartsWith("220 ", await GreetingAsync(smarthost, name), StringComparison.Ordinal);
        }
        else
        {
            await Assert.ThrowsAsync<AuthenticationException>(() => GreetingAsync(smarthost, name));
        }
    }

    [Fact]
    public async Task Connections_beyond_the_bound_wait_until_one_ends()
    {
        await using var smarthost = new DemoSmarthost(new DemoSmarthostOptions { MaxConnections = 1 }, TimeProvider.System, _ => { });
        smarthost.Start();
        using var first = new TcpClient();
        await first.ConnectAsync(smarthost.EndPoint, TestContext.Current.CancellationToken);

        Task<string> second = GreetingAsync(smarthost, "localhost");
        Assert.False(second.IsCompleted);
        first.Close();

        Assert.StartsWith("220 ", await second, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_of_a_login_but_its_name_is_printed() => Assert.Equal("demo", new DemoLogin("demo", "hunter2").ToString());

    private static async Task<string> GreetingAsync(DemoSmarthost smarthost, string name)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(X509Certificate2.CreateFromPem(smarthost.AuthorityPem));
        using var client = new TcpClient();
        await client.ConnectAsync(smarthost.EndPoint);
        using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = name, CertificateChainPolicy = trust });
        using var reader = new StreamReader(tls);
        return await reader.ReadLineAsync() ?? "";
    }
}
