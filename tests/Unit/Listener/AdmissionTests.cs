using System.Net;
using System.Net.Sockets;
using RelayProxy.Listener;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Listener;

public class AdmissionTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("::1", "::1", true)]
    [InlineData("::ffff:127.0.0.1", "::ffff:127.0.0.1", true)]
    [InlineData("127.0.0.1", "10.1.2.3", false)]      // a packet from a wire to 127.0.0.1 (route_localnet)
    [InlineData("10.1.2.4", "10.1.2.3", false)]
    [InlineData("10.1.2.4", "127.0.0.1", false)]
    [InlineData("2001:db8::1", "2001:db8::1", false)] // this host to itself, but not by loopback
    public void By_default_both_ends_are_loopback(string local, string remote, bool admitted) =>
        AssertAdmitted(admitted, new Admission(new ListenerOptions()), local, remote);

    [Theory]
    [InlineData("10.1.2.4", "10.1.2.3", true)]
    [InlineData("10.1.2.4", "::ffff:10.1.2.3", true)]
    [InlineData("2001:db8::1", "fd00::17", true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("10.1.2.4", "10.2.2.3", false)]
    [InlineData("10.1.2.4", "192.0.2.1", false)]
    [InlineData("2001:db8::1", "2001:db8::2", false)]
    public void Others_are_admitted_from_the_networks_that_are_allowed(string local, string remote, bool admitted) =>
        AssertAdmitted(
            admitted,
            new Admission(new ListenerOptions { AllowNonLoopback = true, AllowedNetworks = ["10.1.0.0/16", "fd00::/8"] }),
            local,
            remote);

    [Fact]
    public void Networks_alone_admit_nobody() =>
        AssertAdmitted(false, new Admission(new ListenerOptions { AllowedNetworks = ["10.1.0.0/16"] }), "10.1.2.4", "10.1.2.3");

    [Fact]
    public void A_Unix_socket_is_guarded_by_its_file()
    {
        var admission = new Admission(new ListenerOptions());

        Assert.Null(admission.TryEnter(new UnixDomainSocketEndPoint("/run/smtp.sock"), null, out string peer));
        Assert.Equal("unix", peer);
    }

    [Fact]
    public void S33_There_is_room_for_so_many_and_no_more()
    {
        var admission = new Admission(new ListenerOptions { MaxConnections = 2 });

        Assert.Null(Enter(admission, "127.0.0.1"));
        Assert.Null(Enter(admission, "127.0.0.2"));
        Assert.Equal("421 4.7.0 Too many connections: try again later", Enter(admission, "127.0.0.3")?.ToString());
        Assert.Equal(2, admission.Connections);

        admission.Leave("127.0.0.2");
        Assert.Null(Enter(admission, "127.0.0.3"));
    }

    [Fact]
    public void One_peer_cannot_take_all_the_room()
    {
        var admission = new Admission(new ListenerOptions { MaxConnectionsPerPeer = 1 });

        Assert.Null(Enter(admission, "127.0.0.1"));
        Assert.Equal(421, Enter(admission, "127.0.0.1")?.Code);
        Assert.Null(Enter(admission, "127.0.0.2"));

        admission.Leave("127.0.0.1");
        Assert.Null(Enter(admission, "127.0.0.1"));
    }

    private static SmtpReply? Enter(Admission admission, string remote) =>
        admission.TryEnter(new IPEndPoint(IPAddress.Loopback, 25), new IPEndPoint(IPAddress.Parse(remote), 40_000), out _);

    private static void AssertAdmitted(bool expected, Admission admission, string local, string remote)
    {
        SmtpReply? refusal = admission.TryEnter(
            new IPEndPoint(IPAddress.Parse(local), 25), new IPEndPoint(IPAddress.Parse(remote), 40_000), out _);

        Assert.Equal(expected ? null : "554 5.7.1 This relay does not serve your address", refusal?.ToString());
        Assert.Equal(expected ? 1 : 0, admission.Connections);
    }
}
