using System.Text;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Privilege;

/// <summary>That the search for secrets can find one. What is hidden is encoded by Python, and not by what looks for it.</summary>
public sealed class SecretSearchTests
{
    private const string Secret = "Kestrel+moth/seven\"of=nine&plum";

    /// <summary>A line for each way to hide it: the way, and what it then looks like, in hexadecimal.</summary>
    private const string Hide =
        """
        import base64, binascii, html, json, quopri, sys, urllib.parse
        s = sys.argv[1].encode()
        a = sys.argv[1]
        def out(name, octets): print(name, (b"it is: " + octets + b" (the end)").hex())
        out("plain", s)
        out("upper case", s.upper())
        out("cut", s[:14] + b"...")
        out("cut before", b"..." + s[14:])
        for n in range(9):
            blob = bytes(range(n)) + s + b"\1\1"[:n % 3]
            out(f"base64 {n}", base64.b64encode(blob))
            out(f"base64url {n}", base64.urlsafe_b64encode(blob))
            out(f"base64 MIME {n}", base64.encodebytes(b"x" * (n + 40) + s))
        out("AUTH PLAIN", base64.b64encode(b"\0box@example.net\0" + s))
        out("AUTH LOGIN", base64.b64encode(s))
        out("XOAUTH2", base64.b64encode(b"user=box@example.net\1auth=Bearer " + s + b"\1\1"))
        out("OAUTHBEARER", base64.b64encode(b"n,a=box@example.net,\1host=h\1port=1\1auth=Bearer " + s + b"\1\1"))
        out("hex", binascii.hexlify(s))
        out("HEX", binascii.hexlify(s).upper())
        out("hex:", binascii.hexlify(s, ":"))
        out("hex-", binascii.hexlify(s, "-"))
        out("hex blank", binascii.hexlify(s, " "))
        out("quote", urllib.parse.quote(a, safe="").encode())
        out("quote lower", urllib.parse.quote(a, safe="").lower().encode())
        out("quote all", "".join(f"%{c:02X}" for c in s).encode())
        out("quopri", quopri.encodestring(b"." * 60 + s))
        out("quopri all", "".join(f"={c:02X}" for c in s).encode())
        out("xtext", a.replace("+", "+2B").replace("=", "+3D").encode())
        out("utf-16-le", a.encode("utf-16-le"))
        out("utf-16-be", a.encode("utf-16-be"))
        out("reversed", s[::-1])
        out("json", json.dumps(a).encode())
        out("json all", "".join(f"\\u{c:04x}" for c in s).encode())
        out("json ALL", "".join(f"\\u{c:04X}" for c in s).encode())
        out("html", html.escape(a, quote=True).encode())
        """;

    [Fact]
    public async Task Whatever_way_a_secret_is_hidden_it_is_found()
    {
        var search = new SecretSearch([("secret", Secret)]);
        (int status, string output) = await ChildProcess.RunAsync("python3", ["-c", Hide, Secret]);
        Assert.True(status == 0, output);
        string[] ways = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        byte[] noise = new byte[100_000];
        new Random(Seed.First).NextBytes(noise);

        Assert.Empty(search.FindIn(noise));
        string[] missed = [.. ways.Where(way => !search.FindIn([.. noise, .. Convert.FromHexString(way[(way.LastIndexOf(' ') + 1)..]), .. noise]).Any())];
        Assert.Empty(missed);
        Figures.Note("secrets, the search itself", ("ways to hide one", ways.Length), ("missed", missed.Length));
    }

    [Fact]
    public void What_only_looks_like_it_is_let_be() =>
        Assert.Empty(new SecretSearch([("secret", Secret)]).FindIn(Encoding.ASCII.GetBytes("Kestrel, moth, seven of nine; plum. " + Convert.ToBase64String(new byte[300]))));
}
