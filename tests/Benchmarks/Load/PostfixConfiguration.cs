using System.Globalization;

namespace RelayProxy.Benchmarks.Load;

/// <summary>Postfix as a null client: what its own handbook asks for, and what makes it comparable. All else is at its default.</summary>
internal static class PostfixConfiguration
{
    /// <param name="aliases">A table of aliases, as text.</param>
    /// <param name="more">Lines of whoever measures; the last word.</param>
    public static string MainCf(string folder, string log, StandIn smarthost, int connections, string aliases, IEnumerable<string> more) =>
        string.Create(CultureInfo.InvariantCulture, $$"""
        # A folder of its own, on the disk that the relay's queue is on.
        compatibility_level = 3.6
        queue_directory = {{folder}}/queue
        data_directory = {{folder}}/data
        mail_owner = postfix
        setgid_group = postdrop

        # Its log goes to a file, as the relay's does.
        maillog_file = {{log}}
        maillog_file_prefixes = {{folder}}

        # A null client (STANDARD_CONFIGURATION_README): takes mail from this machine, delivers nothing here.
        myhostname = client.example.org
        myorigin = example.org
        mydestination =
        mynetworks = 127.0.0.0/8
        inet_interfaces = loopback-only
        inet_protocols = ipv4
        alias_maps =
        alias_database =
        relayhost = [localhost]:{{smarthost.Port}}

        # The stand-in is in /etc/hosts, not in the DNS.
        smtp_host_lookup = native

        # The relay's TLS and login: from the first octet, the name and the authority checked, the password by PLAIN.
        smtp_tls_wrappermode = yes
        smtp_tls_security_level = secure
        smtp_tls_CAfile = {{folder}}/etc/authority.pem
        smtp_sasl_auth_enable = yes
        smtp_sasl_security_options = noanonymous
        smtp_sasl_password_maps = inline:{ { [localhost]:{{smarthost.Port}} = {{StandIn.Username}}:{{StandIn.Password}} } }

        # As many connections to the smarthost as the relay may have, and from the start: the relay does not feel its way up either.
        smtp_destination_concurrency_limit = {{connections}}
        initial_destination_concurrency = {{connections}}

        # As in Debian's own main.cf: a session of TLS is resumed. smtp_tls_connection_reuse stays off, its default: with it a message goes
        # by way of tlsproxy(8), and in our trials a single one then took ten times as long.
        smtp_tls_session_cache_database = btree:{{folder}}/data/smtp_scache

        # The default of 100 would keep 200 clients waiting for their greeting.
        default_process_limit = 200

        # The relay's limit; the default of 10,240,000 octets is too small for messages of 10 MB.
        message_size_limit = 52428800

        # The same thousand entries that the relay looks up.
        virtual_alias_maps = texthash:{{aliases}}

        {{string.Join('\n', more)}}

        """);

    /// <summary>Debian's, without what a null client has no use for, and without chroot.</summary>
    public static string MasterCf(int port) => $"""
        127.0.0.1:{port} inet n - n - - smtpd
        postlog  unix-dgram n - n - 1 postlogd
        cleanup  unix n - n - 0 cleanup
        qmgr     unix n - n 300 1 qmgr
        rewrite  unix - - n - - trivial-rewrite
        bounce   unix - - n - 0 bounce
        defer    unix - - n - 0 bounce
        trace    unix - - n - 0 bounce
        tlsmgr   unix - - n 1000? 1 tlsmgr
        tlsproxy unix - - n - 0 tlsproxy
        smtp     unix - - n - - smtp
        relay    unix - - n - - smtp
        error    unix - - n - - error
        retry    unix - - n - - error
        anvil    unix - - n - 1 anvil
        scache   unix - - n - 1 scache
        proxymap unix - - n - - proxymap

        """;
}
