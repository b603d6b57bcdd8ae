using RelayProxy.Delivery.Local;

namespace RelayProxy.Unit.Delivery.Local;

public class LocalOptionsRulesTests
{
    [Fact]
    public void The_defaults_break_no_rule() => Assert.Empty(LocalOptionsRules.Broken(new LocalOptions()));

    [Theory]
    [InlineData("unix:/run/dovecot/lmtp", true)]
    [InlineData("127.0.0.1:24", true)]
    [InlineData("[::1]:24", true)]
    [InlineData("mail.example.net:24", true)]
    [InlineData("", false)]
    [InlineData("unix:run/lmtp", false)]
    [InlineData("/run/dovecot/lmtp", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1:24", false)]
    [InlineData("host:0", false)]
    [InlineData("host:70000", false)]
    public void An_LMTP_server_has_an_address(string address, bool isGood) =>
        Assert.Equal(isGood, !LocalOptionsRules.Broken(new LocalOptions { Delivery = LocalMailbox.Lmtp, Lmtp = address }).Any());

    [Theory]
    [InlineData("~/Maildir", true)]
    [InlineData("/var/lib/mail/%u/", true)]
    [InlineData("/var/lib/mail", false)]
    [InlineData("Maildir", false)]
    public void A_Maildir_is_one_users_own(string path, bool isGood) =>
        Assert.Equal(isGood, !LocalOptionsRules.Broken(new LocalOptions { Maildir = path }).Any());

    [Theory]
    [InlineData("../root")]
    [InlineData("anna@example.net:x")]
    [InlineData("-anna")]
    [InlineData("")]
    public void A_name_that_could_leave_its_folder_is_no_users(string name)
    {
        Assert.StartsWith("Local:Users", Assert.Single(LocalOptionsRules.Broken(new LocalOptions { Users = [name] })), StringComparison.Ordinal);
        Assert.Equal(default, SystemUsers.Ask(name));
    }

    [Fact]
    public void A_user_has_one_name_however_it_is_written()
    {
        Assert.Equal("root", new SystemUsers(() => new LocalOptions()).NameOf("ROOT"));
        Assert.Equal("root", new SystemUsers(() => new LocalOptions()).NameOf("root"));
        Assert.Equal("Anna", new SystemUsers(() => new LocalOptions { Users = ["Anna"] }).NameOf("anna"));
        Assert.Null(new SystemUsers(() => new LocalOptions()).NameOf("no-such-user-here"));
    }

    [Fact]
    public void A_user_is_found_as_written_or_in_lower_case()
    {
        Assert.Equal(0u, SystemUsers.Ask("Root").User?.Id);
        Assert.Equal("/root", SystemUsers.Ask("root").User?.Home);
        Assert.Null(new SystemUsers(() => new LocalOptions { Users = ["anna"] }).NameOf("root"));
        Assert.Equal(("anna", null), (new SystemUsers(() => new LocalOptions { Users = ["anna"] }).Find("Anna").User!.Name, (uint?)null));
    }
}
