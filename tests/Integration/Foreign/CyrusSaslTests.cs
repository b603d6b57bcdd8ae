using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RelayProxy.Harness;
using RelayProxy.Upstream.Sasl;

namespace RelayProxy.Integration.Foreign;

/// <summary>The mechanisms against Cyrus SASL, inside Postfix: a second opinion on what the RFCs mean.</summary>
[Collection(nameof(ForeignPrograms))]
public class CyrusSaslTests(ForeignFixture foreign)
{
    [Theory]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-1")]
    [InlineData("CRAM-MD5")]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    public async Task Cyrus_lets_the_right_password_in_and_no_other(string mechanism)
    {
        await using Conversation right = await Conversation.OpenAsync(foreign.Postfix.Port);
        Assert.StartsWith("235 ", await right.AuthenticateAsync(mechanism, PostfixSmarthost.Password), StringComparison.Ordinal);

        await using Conversation wrong = await Conversation.OpenAsync(foreign.Postfix.Port);
        Assert.StartsWith("535 ", await wrong.AuthenticateAsync(mechanism, "wrong"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_what_Cyrus_offers_the_strongest_is_chosen()
    {
        await using Conversation conversation = await Conversation.OpenAsync(foreign.Postfix.Port);

        Assert.Equal(
            ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"],
            SaslMechanisms.Choose(conversation.Offered, conversation.Credentials("x"), []).Candidates.Select(candidate => candidate.Name));
    }

    /// <summary>As much of an SMTP client as AUTH needs.</summary>
    private sealed class Conversation : IAsyncDisposable
    {
        private readonly SslStream _tls;
        private readonly StreamReader _replies;

        private Conversation(SslStream tls)
        {
            _tls = tls;
            _replies = new StreamReader(tls, Encoding.ASCII);
        }

        public string[] Offered { get; private set; } = [];

        public static async Task<Conversation> OpenAsync(int port)
        {
            var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            trust.CustomTrustStore.Add(TestCertificates.Authority);
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync("127.0.0.1", port);
            var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = trust });

            var conversation = new Conversation(tls);
            await conversation.HearAsync();
            string[] ehlo = await conversation.SayAsync("EHLO test");
            conversation.Offered = ehlo.Single(line => line[4..].StartsWith("AUTH ", StringComparison.Ordinal))[9..].Split(' ');
            return conversation;
        }

        public SaslCredentials Credentials(string password) => new()
        {
            Username = PostfixSmarthost.Username,
            Password = password,
            IsEncrypted = true,
            TlsServerEndPoint = TlsServerEndPoint.Of(_tls.RemoteCertificate!.GetRawCertData()),
        };

        public async Task<string> AuthenticateAsync(string mechanism, string password)
        {
            SaslMechanism sasl = Assert.Single(SaslMechanisms.Choose(Offered, Credentials(password), [mechanism]).Candidates);
            byte[]? initial = sasl.InitialResponse();
            string[] reply = await SayAsync(initial is null ? $"AUTH {mechanism}" : $"AUTH {mechanism} {Convert.ToBase64String(initial)}");
            while (reply[^1].StartsWith("334 ", StringComparison.Ordinal))
            {
                reply = await SayAsync(Convert.ToBase64String(sasl.Respond(Convert.FromBase64String(reply[^1][4..]))));
            }

            if (reply[^1].StartsWith("235 ", StringComparison.Ordinal))
            {
                sasl.Finish();
            }

            return reply[^1];
        }

        public async ValueTask DisposeAsync()
        {
            _replies.Dispose();
            await _tls.DisposeAsync();
        }

        private async Task<string[]> SayAsync(string line)
        {
            await _tls.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
            return await HearAsync();
        }

        private async Task<string[]> HearAsync()
        {
            var lines = new List<string>();
            do
            {
                lines.Add(await _replies.ReadLineAsync() ?? throw new IOException("Postfix hung up."));
            }
            while (lines[^1].Length > 3 && lines[^1][3] == '-');

            return [.. lines];
        }
    }
}
