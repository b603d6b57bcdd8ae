namespace RelayProxy.Integration.Callers;

/// <summary>What passes on mail that came from elsewhere, or answers it. The octets are those of Debian 12's programs.</summary>
internal static class ForwardCallers
{
    public static IEnumerable<Caller> All { get; } =
    [
        // procmail 3.22, /usr/bin/procmail: "! address". The mailbox line stays in front where a rule has no -Y.
        new("procmail", "-oi bob@example.net carol@example.net", """
            From ann@example.org  Sun Nov 22 12:00:00 2026
            From: ann@example.org
            To: root@example.org
            Subject: x
            Date: Sun, 22 Nov 2026 12:00:00 +0000
            Message-ID: <1@example.org>

            .
            From y
            Hello
            """)
        {
            Recipients = "bob@example.net carol@example.net",
            Changes = "- From ann@example.org  Sun Nov 22 12:00:00 2026",
        },

        // dovecot-sieve 2.3.19 (Pigeonhole 0.5.19): redirect. It makes the line ends of the header its own, and leaves the body's.
        new("Dovecot's redirect", "-i -f bob@example.net -- dave@example.net", """
            X-Sieve: Pigeonhole Sieve 0.5.19 (4eae2f79)
            X-Sieve-Redirected-From: anna@hamlet.example
            From: bob@example.net
            To: anna@hamlet.example
            Subject: x
            Date: Sun, 22 Nov 2026 12:51:27 +0000
            Message-ID: <1@example.net>

            Hello\r
            .\r
            end\r
            """)
        {
            Sender = "bob@example.net",
            Recipients = "dave@example.net",
        },

        // The same: vacation, and every other answer.
        new("Dovecot's vacation", "-i -f <> -- bob@example.net", """
            X-Sieve: Pigeonhole Sieve 0.5.19 (4eae2f79)\r
            Message-ID: <dovecot-sieve-1795351887-545920-0@localhost>\r
            Date: Sun, 22 Nov 2026 12:51:27 +0000\r
            From: <anna@hamlet.example>\r
            To: <bob@example.net>\r
            Subject: Auto: x\r
            In-Reply-To: <1@example.net>\r
            Auto-Submitted: auto-replied (vacation)\r
            Precedence: bulk\r
            MIME-Version: 1.0\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Transfer-Encoding: 8bit\r
            \r
            Ich bin weg\r
            """)
        {
            Sender = "",
            Recipients = "bob@example.net",
        },

        // The same: reject. What it returns of the message has LF line ends, and the rest CRLF.
        new("Dovecot's reject", "-i -f <> -- bob@example.net", """
            Message-ID: <dovecot-1795351887-570295-0@localhost>\r
            Date: Sun, 22 Nov 2026 12:51:27 +0000\r
            From: Postmaster <postmaster@hamlet.example>\r
            To: <bob@example.net>\r
            MIME-Version: 1.0\r
            Content-Type: multipart/report; report-type=disposition-notification;\r
            \x09boundary="19227/hamlet.example"\r
            Subject: Rejected: x\r
            \r
            --19227/hamlet.example\r
            Content-Type: message/rfc822\r
            \r
            From: bob@example.net
            To: anna@hamlet.example
            Subject: x

            \r
            --19227/hamlet.example--\r
            """)
        {
            Sender = "",
            Recipients = "bob@example.net",
        },

        // vacation 3.3.3, /usr/bin/vacation: its answers come from the user.
        new("vacation", "-f anna -- bob@example.net", """
            To: bob@example.net
            Subject: away
            Precedence: bulk

            I am away
            """)
        {
            Sender = "anna@example.org",
            Recipients = "bob@example.net",
            Changes = "+ From: <anna@example.org>",
        },

        // The vacation of the BSDs, and of sendmail: from nobody.
        new("vacation (sendmail)", "-oi -f <> -- bob@example.net", """
            To: bob@example.net
            From: anna@hamlet.example
            Subject: away
            Auto-Submitted: auto-replied

            I am away
            """)
        {
            Sender = "",
            Recipients = "bob@example.net",
        },
    ];
}
