using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Network;

/// <summary>OpenSSL's own test server, which offers what .NET no longer does. It prints what it hears.</summary>
internal sealed class OpenSslServer : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly TemporaryFolder _folder;

    private OpenSslServer(ChildProcess process, TemporaryFolder folder, int port) =>
        (_process, _folder, EndPoint) = (process, folder, new IPEndPoint(IPAddress.Loopback, port));

    public IPEndPoint EndPoint { get; }

    /// <summary>What it printed: what it heard, among other things.</summary>
    public IReadOnlyList<string> Heard => _process.Lines;

    /// <param name="options">Those of <c>openssl s_server</c>.</param>
    public static Task<OpenSslServer> StartAsync(X509Certificate2 certificate, string options)
    {
        (string certificateFile, string keyFile) = TestCertificates.WritePem(certificate);
        return StartAsync(
            new TemporaryFolder(), "", options.Contains("-nocert", StringComparison.Ordinal) ? options : $"{options} -cert {certificateFile} -key {keyFile}");
    }

    /// <summary>With a certificate of the tests' authority that is right in all but its key, or the digest that was signed.</summary>
    public static Task<OpenSslServer> StartAsync(string digest, string key)
    {
        (string authority, string authorityKey) = TestCertificates.WritePem(TestCertificates.Authority);
        string make = $"""
            openssl req -newkey {key} -nodes -subj /CN=smarthost.test -keyout key.pem -out request.pem
            printf 'subjectAltName=DNS:smarthost.test\nextendedKeyUsage=serverAuth\n' >extensions
            openssl x509 -req -in request.pem -CA {authority} -CAkey {authorityKey} -set_serial 1 {digest} -days 9 -extfile extensions -out cert.pem
            """;
        return StartAsync(new TemporaryFolder(), make, "-tls1_2 -cipher ALL:@SECLEVEL=0 -cert cert.pem -key key.pem");
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<OpenSslServer> StartAsync(TemporaryFolder folder, string before, string options)
    {
        // It hangs up when its own input ends, so that must not.
        ChildProcess process = ChildProcess.Start(
            "sh", ["-c", $"set -e\ncd {folder.Path}\n{before}\nsleep infinity | openssl s_server -accept 127.0.0.1:0 {options}"]);
        try
        {
            string line = await process.WaitForLineAsync(line => line.StartsWith("ACCEPT ", StringComparison.Ordinal));
            return new OpenSslServer(process, folder, int.Parse(line[(line.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture));
        }
        catch
        {
            await process.DisposeAsync();
            folder.Dispose();
            throw;
        }
    }
}
