using System.Security.Cryptography;
using System.Text;

namespace RelayProxy.Unit.Upstream.Sasl;

/// <summary>The server's side of SCRAM, written from RFC 5802 §3 alone, to check the client's proof against.</summary>
internal sealed class ScramServer(HashAlgorithmName hash, string username, string password, byte[] channelBinding)
{
    private const int Iterations = 4096;
    private static readonly byte[] s_salt = [1, 2, 3, 4, 5, 6, 7, 8];

    private string _gs2Header = "";
    private string _clientFirstBare = "";
    private string _nonce = "";

    public string First(string clientFirst)
    {
        int bare = clientFirst.IndexOf(",,", StringComparison.Ordinal) + 2;
        _gs2Header = clientFirst[..bare];
        _clientFirstBare = clientFirst[bare..];
        _nonce = _clientFirstBare[(_clientFirstBare.IndexOf(",r=", StringComparison.Ordinal) + 3)..] + "ServerPart";
        Assert.Equal($"n={username}", _clientFirstBare.Split(',')[0]);
        return ServerFirst;
    }

    public bool TryFinal(string clientFinal, out string serverFinal)
    {
        string[] parts = clientFinal.Split(',');
        string withoutProof = $"{parts[0]},{parts[1]}";
        byte[] authMessage = Encoding.ASCII.GetBytes($"{_clientFirstBare},{ServerFirst},{withoutProof}");
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(password, s_salt, Iterations, hash, hash == HashAlgorithmName.SHA1 ? 20 : 32);
        byte[] storedKey = CryptographicOperations.HashData(hash, Hmac(salted, "Client Key"u8));
        byte[] clientKey = [.. Convert.FromBase64String(parts[2][2..]).Zip(Hmac(storedKey, authMessage), (a, b) => (byte)(a ^ b))];
        serverFinal = "v=" + Convert.ToBase64String(Hmac(Hmac(salted, "Server Key"u8), authMessage));
        return parts[0] == "c=" + Convert.ToBase64String([.. Encoding.ASCII.GetBytes(_gs2Header), .. channelBinding])
            && parts[1] == "r=" + _nonce
            && CryptographicOperations.HashData(hash, clientKey).AsSpan().SequenceEqual(storedKey);
    }

    private string ServerFirst => $"r={_nonce},s={Convert.ToBase64String(s_salt)},i={Iterations}";

    private byte[] Hmac(byte[] key, ReadOnlySpan<byte> data) => CryptographicOperations.HmacData(hash, key, data);
}
