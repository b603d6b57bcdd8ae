using RelayProxy.Integration.Install;

namespace RelayProxy.Integration.Packaging;

/// <summary>The package on a machine that systemd has booted: this one's files, under a systemd of the test's own, with Postfix in the place that is taken.</summary>
[Collection(nameof(Debian))]
public sealed class PackageServiceTests(DebianPackage package)
{
    [Fact]
    public async Task The_service_is_enabled_started_when_it_can_be_goes_on_through_an_upgrade_and_ends_with_the_package()
    {
        await using BootedMachine machine = await BootedMachine.StartAsync();
        string install = $"DEBIAN_FRONTEND=noninteractive apt-get install --yes {package.Path}";
        await machine.RunAsync("rm -f /usr/sbin/policy-rc.d");

        string installed = await machine.RunAsync(install);
        Assert.Contains("relayproxy cannot send mail yet:", installed, StringComparison.Ordinal);
        Assert.Equal("enabled\nenabled", await machine.RunAsync("systemctl is-enabled relayproxy.socket relayproxy.service"));
        Assert.Equal("inactive\ninactive", (await machine.TryAsync("systemctl is-active relayproxy.socket relayproxy.service")).Output);

        await machine.RunAsync("sed -i 's|\"Host\": \"\"|\"Host\": \"smarthost.invalid\"|' /etc/relayproxy/relayproxy.json; systemctl restart relayproxy.socket relayproxy");
        await machine.RunAsync("printf 'Subject: one\\n\\nHello\\n' | /usr/sbin/sendmail you@example.net");
        Assert.EndsWith("in 1 Request.", await machine.RunAsync("mailq"), StringComparison.Ordinal);

        string before = await machine.RunAsync("systemctl show -P MainPID relayproxy");
        await machine.RunAsync($"{install} --reinstall");
        Assert.NotEqual(before, await machine.RunAsync("systemctl show -P MainPID relayproxy"));
        Assert.Equal("active\nactive", await machine.RunAsync("systemctl is-active relayproxy.socket relayproxy.service"));
        await machine.RunAsync("printf 'Subject: two\\n\\nHello\\n' | /usr/sbin/sendmail you@example.net");
        Assert.EndsWith("in 2 Requests.", await machine.RunAsync("mailq"), StringComparison.Ordinal);

        await machine.RunAsync("dpkg --purge --force-depends relayproxy");
        Assert.Equal("inactive\ninactive", (await machine.TryAsync("systemctl is-active relayproxy.socket relayproxy.service")).Output);
        Assert.Equal("", await machine.RunAsync("find /etc/systemd -name '*relayproxy*'"));
        await machine.RunAsync("test -e /var/lib/relayproxy/queue.db");
    }
}
