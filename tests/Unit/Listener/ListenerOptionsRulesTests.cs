using System.Net;
using RelayProxy.Listener;

namespace RelayProxy.Unit.Listener;

public class ListenerOptionsRulesTests
{
    [Fact]
    public void The_defaults_are_good() => Assert.Empty(ListenerOptionsRules.Broken(new ListenerOptions()));

    [Theory]
    [InlineData("127.0.0.1:25")]
    [InlineData("127.9.9.9:25")]
    [InlineData("[::1]:25")]
    [InlineData("[::ffff:127.0.0.1]:25")]
    [InlineData("unix:/run/smtp.sock")]
    [InlineData("systemd")]
    public void Loopback_needs_no_permission(string endpoint) =>
        Assert.Empty(ListenerOptionsRules.Broken(new ListenerOptions { Endpoints = [endpoint] }));

    [Theory]
    [InlineData("0.0.0.0:25")]
    [InlineData("[::]:25")]
    [InlineData("10.1.2.3:25")]
    [InlineData("[::ffff:10.1.2.3]:25")]
    public void What_is_not_loopback_needs_both_permissions(string endpoint)
    {
        string alone = Assert.Single(ListenerOptionsRules.Broken(new ListenerOptions { Endpoints = [endpoint], AllowedNetworks = ["10.1.0.0/16"] }));
        string unbounded = Assert.Single(ListenerOptionsRules.Broken(new ListenerOptions { Endpoints = [endpoint], AllowNonLoopback = true }));

        Assert.Contains($"\"{endpoint}\", which is not loopback", alone, StringComparison.Ordinal);
        Assert.Contains("Listener:AllowNonLoopback=true and Listener:AllowedNetworks", alone, StringComparison.Ordinal);
        Assert.StartsWith("Listener:AllowNonLoopback is true, and Listener:AllowedNetworks says of nobody", unbounded, StringComparison.Ordinal);
        Assert.Empty(ListenerOptionsRules.Broken(
            new ListenerOptions { Endpoints = [endpoint], AllowNonLoopback = true, AllowedNetworks = ["10.1.0.0/16", "fd00::/8"] }));
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        var options = new ListenerOptions
        {
            Endpoints = ["localhost:25", "127.0.0.1:25", "127.0.0.1:25"],
            AllowedNetworks = ["10.1.0.0/33", "0.0.0.0/0"],
            UnixSocketMode = "rw",
            MaxConnections = 0,
            MaxConnectionsPerPeer = -1,
        };

        Assert.Equal(
            [
                "Listener:Endpoints is \"localhost:25\", and \"localhost\" is not an IP address; for the programs of this host use 127.0.0.1 and [::1]",
                "Listener:Endpoints is \"127.0.0.1:25\" twice; name each once",
                "Listener:AllowedNetworks is \"10.1.0.0/33\", which is no network; write an address and a length: 10.1.0.0/16, fd00::/8",
                "Listener:AllowedNetworks is \"0.0.0.0/0\": everybody. That would be an open relay; name the networks of your own hosts",
                "Listener:UnixSocketMode is \"rw\"; write three octal digits, for example 0660",
                "Listener:MaxConnections is 0; it must be 1 or more",
                "Listener:MaxConnectionsPerPeer is -1; it must be 1 or more",
            ],
            ListenerOptionsRules.Broken(options));
    }

    [Theory]
    [InlineData("0666", true)]
    [InlineData("660", true)]
    [InlineData("0600", true)]
    [InlineData("4755", false)]
    [InlineData("0888", false)]
    [InlineData("66", false)]
    [InlineData("00666", false)]
    public void A_mode_is_octal_and_sets_no_more_than_permissions(string text, bool valid)
    {
        Assert.Equal(valid, ListenerOptionsRules.TryParseMode(text, out UnixFileMode mode));
        Assert.Equal(valid ? Convert.ToInt32(text, 8) : 0, (int)mode & 0x1ff);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.255.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.3.0.1", true)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("fe80::1", false)]
    public void Loopback_has_more_than_one_form(string address, bool expected) =>
        Assert.Equal(expected, ListenerOptionsRules.IsLoopback(IPAddress.Parse(address)));
}
