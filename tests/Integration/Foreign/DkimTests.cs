using System.Security.Cryptography;
using System.Text;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Foreign;

/// <summary>Mail that dkimpy has signed, on its way through the relay to Postfix: dkimpy is asked there whether the signature holds.</summary>
[Collection(nameof(ForeignPrograms))]
public sealed class DkimTests(ForeignFixture foreign) : IDisposable
{
    /// <summary>Debian's own, which has dkimpy.</summary>
    private const string Python = "/usr/bin/python3";

    private const string Sign = """
        import dkim, sys
        key, file = sys.argv[1:]
        message = open(file, 'rb').read().replace(b'\n', b'\r\n')
        signature = dkim.sign(message, b's', b'example.org', open(key, 'rb').read(), include_headers=[b'from', b'to', b'subject'])
        open(file, 'wb').write((signature + message).replace(b'\r\n', b'\n'))
        """;

    private const string Verify = """
        import dkim, sys
        record, file = sys.argv[1:]
        message = open(file, 'rb').read().replace(b'\n', b'\r\n')
        print(dkim.verify(message, dnsfunc=lambda *name, **more: record.encode()))
        """;

    private const string Letter = "From: Ann <ann@web1.example.org>\nTo: Bob <bob@example.net>\nSender: root\nSubject: signed\n"
        + "Date: Sun, 22 Nov 2026 05:00:00 +0000\nMessage-ID: <signed@example.org>\n\nHello.\n";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("untouched", "Rewrite:MasqueradeDomains=nowhere.example", "ann@web1.example.org", "True")]
    [InlineData("kept", "Rewrite:MasqueradeDomains=example.org", "ann@web1.example.org", "True")]
    [InlineData("changed", "Rewrite:MasqueradeDomains=example.org --Rewrite:SignedMail=Rewrite", "ann@example.org", "False")]
    public async Task A_signature_holds_unless_the_settings_would_rather_rewrite(string name, string settings, string from, string holds)
    {
        await Programs.RequireAsync("dkimsign");
        using var key = RSA.Create(2048);
        string recipient = $"{name}.signed@example.net";
        string letter = _folder.Write("letter", Letter);
        await Programs.RunAsync(Python, "-c", Sign, _folder.Write("key", key.ExportRSAPrivateKeyPem()), letter);
        await using RelayProcess relay = await RelayProcess.StartAsync(
            _folder["queue"], [.. foreign.Postfix.SettingsFor(_folder), "Rewrite:Origin=origin.example", .. settings.Split(" --")]);

        await MailClient.All[0].SendAsync(relay.EndPoint.Port, "ann@web1.example.org", recipient, letter);

        CapturedMessage arrived = await foreign.Postfix.Mail.WaitForAsync(recipient);
        string text = Encoding.UTF8.GetString(arrived.Octets);
        Assert.Contains($"\nFrom: Ann <{from}>\n", text, StringComparison.Ordinal);
        Assert.Contains("\nSender: root@origin.example\n", text, StringComparison.Ordinal);
        string record = $"v=DKIM1; k=rsa; p={Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())}";
        Assert.Equal(holds, (await Programs.RunAsync(Python, "-c", Verify, record, _folder.Write("arrived", text))).Trim());
    }

    public void Dispose() => _folder.Dispose();
}
