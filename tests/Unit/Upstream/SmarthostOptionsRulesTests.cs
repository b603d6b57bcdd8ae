using RelayProxy.Harness;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Upstream;

public class SmarthostOptionsRulesTests
{
    [Fact]
    public void The_four_settings_of_ones_own_provider_are_enough()
    {
        var options = new SmarthostOptions { Host = "smtp.example.net", Port = 465, Username = "box@example.net", Password = "secret" };

        Assert.Empty(SmarthostOptionsRules.Broken(options));
        Assert.Empty(SmarthostOptionsRules.Missing(options));
    }

    [Fact]
    public void The_defaults_break_no_rule_and_lack_a_smarthost()
    {
        Assert.Empty(SmarthostOptionsRules.Broken(new SmarthostOptions()));
        Assert.StartsWith("Smarthost:Host is not set", Assert.Single(SmarthostOptionsRules.Missing(new SmarthostOptions())), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("smtp.example.net")]
    [InlineData("smtp.example.net.")]
    [InlineData("bücher.example")]
    [InlineData("192.0.2.1")]
    [InlineData("2001:db8::1")]
    [InlineData("[2001:db8::1]")]
    public void A_host_is_a_name_or_an_address(string host) => Assert.Empty(SmarthostOptionsRules.Broken(new SmarthostOptions { Host = host }));

    [Theory]
    [InlineData("smtp.example.net:465")]
    [InlineData("smtp.example.net\r\nEHLO")]
    [InlineData("smtps://smtp.example.net")]
    [InlineData("a b")]
    public void A_host_with_more_than_a_name_in_it_is_none(string host) => AssertBroken("Smarthost:Host", options => options.Host = host);

    [Theory]
    [InlineData("localhost")]
    [InlineData("relay\r\nMAIL FROM:<x>")]
    [InlineData("relay example")]
    [InlineData("grün.example")]
    public void A_HELO_name_is_one_word_of_ASCII_that_says_something(string name) =>
        AssertBroken("Smarthost:HeloName", options => options.HeloName = name);

    [Theory]
    [InlineData(SmarthostTls.None, "smtp.example.net", false, true)]
    [InlineData(SmarthostTls.None, "smtp.example.net", true, false)]
    [InlineData(SmarthostTls.None, "localhost", false, false)]
    [InlineData(SmarthostTls.None, "127.0.0.1", false, false)]
    [InlineData(SmarthostTls.None, "[::1]", false, false)]
    [InlineData(SmarthostTls.StartTls, "smtp.example.net", false, false)]
    public void A_password_in_clear_text_has_to_be_permitted(object tls, string host, bool permitted, bool broken)
    {
        var options = new SmarthostOptions
        {
            Host = host, Tls = (SmarthostTls)tls, Username = "box", Password = "secret", AllowPlaintextAuth = permitted,
        };

        Assert.Equal(broken, SmarthostOptionsRules.Broken(options).Any(rule => rule.StartsWith("Smarthost:Tls", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_password_comes_from_one_place()
    {
        AssertBroken("Smarthost:Password", options => (options.Password, options.PasswordCommand) = ("secret", "pass show smtp"));
        AssertBroken("Smarthost:AccessToken", options => (options.AccessToken, options.AccessTokenFile) = ("token", "/run/token"));
        AssertBroken("Smarthost:PasswordCommand", options => (options.Password, options.PasswordCommand) = ("", "pass 'show"));
    }

    [Fact]
    public void User_and_password_belong_together()
    {
        AssertBroken("Smarthost:Username", options => options.Username = "");
        AssertBroken("Smarthost:Username", options => options.Password = "");
        AssertBroken("Smarthost:Username", options => options.Username = "box\r\nAUTH");
    }

    [Theory]
    [InlineData("not base64!")]
    [InlineData("AAAA")]
    [InlineData("")]
    public void A_pin_is_the_base64_of_32_octets(string pin)
    {
        AssertBroken("Smarthost:PinnedSpkiSha256", options => options.PinnedSpkiSha256 = [pin]);
        Assert.Empty(SmarthostOptionsRules.Broken(new SmarthostOptions { PinnedSpkiSha256 = [TestCertificates.PinOf(TestCertificates.Good)] }));
    }

    [Theory]
    [InlineData("00112233445566778899aabbccddeeff00112233445566778899aabbccddee")]
    [InlineData("00112233445566778899aabbccddeeff00112233445566778899aabbccddeefg")]
    [InlineData("5f:3c:9d:6d:53:75:a9:70:f3:9d:f8:92:65:0f:24:3b:15:58:4d:a3")] // SHA-1
    [InlineData("")]
    public void A_pinned_certificate_is_64_hexadecimal_digits(string digest)
    {
        AssertBroken("Smarthost:PinnedCertificateSha256", options => options.PinnedCertificateSha256 = [digest]);
        Assert.Empty(SmarthostOptionsRules.Broken(
            new SmarthostOptions { PinnedCertificateSha256 = [CertificatePin.Of(TestCertificates.Good), string.Concat(Enumerable.Repeat("aB:", 31)) + "Ab"] }));
    }

    [Fact]
    public void Files_of_certificates_can_be_read()
    {
        using var folder = new TemporaryFolder();
        (string certificate, string key) = TestCertificates.WritePem(TestCertificates.Client);
        string none = folder.Write("none.pem", "no certificate\n");
        var good = new SmarthostOptions { CaFile = TestCertificates.AuthorityFile, ClientCertificateFile = certificate, ClientKeyFile = key };

        Assert.Empty(SmarthostOptionsRules.Broken(good));
        AssertBroken("Smarthost:CaFile", options => options.CaFile = none);
        AssertBroken("Smarthost:CaFile", options => options.CaFile = "/nowhere/ca.pem");
        AssertBroken("Smarthost:ClientKeyFile", options => options.ClientKeyFile = key);
        AssertBroken("Smarthost:ClientCertificateFile", options => options.ClientCertificateFile = certificate);
        AssertBroken("Smarthost:ClientCertificateFile", options => (options.ClientCertificateFile, options.ClientKeyFile) = (none, key));
    }

    [Fact]
    public void What_is_not_known_is_named_with_what_is()
    {
        AssertBroken("Smarthost:Mechanisms", options => options.Mechanisms = ["PLAIN", "MAGIC"]);
        AssertBroken("Smarthost:Provider", options => options.Provider = "Somebody");
    }

    private static void AssertBroken(string key, Action<SmarthostOptions> change)
    {
        var options = new SmarthostOptions { Host = "smtp.example.net", Username = "box", Password = "secret" };
        change(options);
        string rule = Assert.Single(SmarthostOptionsRules.Broken(options));

        Assert.StartsWith(key, rule, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", rule, StringComparison.Ordinal);
        Assert.DoesNotContain(rule, char.IsControl);
    }
}
