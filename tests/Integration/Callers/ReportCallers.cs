namespace RelayProxy.Integration.Callers;

/// <summary>What watches a machine and mails what it has found. The files named are Debian 12's.</summary>
internal static class ReportCallers
{
    public static IEnumerable<Caller> All { get; } =
    [
        // logwatch 7.7, /usr/share/logwatch/scripts/logwatch.pl: "mailer". One To for each of those whom it is for.
        new("logwatch", "-t", """
            To: root
            To: bob@example.net
            From: root
            Subject: Logwatch for hamlet (Linux)
            Auto-Submitted: auto-generated
            Precedence: bulk
            MIME-Version: 1.0
            Content-Transfer-Encoding: 8bit
            Content-Type: text/plain; charset="UTF-8"

            \x20
             ################### Logwatch 7.7 (07/22/22) ####################\x20
            ..
            """)
        {
            Recipients = "admin@example.net bob@example.net",
            Changes = """
                - To: root
                + To: root@example.org
                - From: root
                + From: root@example.org
                """,
        },

        // mdadm 4.2, /sbin/mdadm --monitor.
        new("mdadm", "-t", """
            From: mdadm monitoring <root>
            To: root
            Subject: DegradedArray event on /dev/md0:hamlet

            This is an automatically generated mail message from mdadm
            running on hamlet

            Faithfully yours, etc.
            """)
        {
            Recipients = "admin@example.net",
            Changes = """
                - From: mdadm monitoring <root>
                + From: mdadm monitoring <root@example.org>
                - To: root
                + To: root@example.org
                """,
        },

        // sudo 1.9.13, with mail_badpass and its kin.
        new("sudo", "-t", """
            To: root
            From: anna
            Auto-Submitted: auto-generated
            Subject: *** SECURITY information for hamlet ***

            hamlet : Nov 22 12:48:21 : anna : a password is required ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id
            """)
        {
            Recipients = "admin@example.net",
            Changes = """
                - To: root
                + To: root@example.org
                - From: anna
                + From: anna@example.org
                """,
        },

        // debsecan 0.4, /usr/bin/debsecan: TargetMail.
        new("debsecan", "-t", """
            Subject: Debian security status of hamlet
            To: root

            CVE-2026-1 (low)
            """)
        {
            Recipients = "admin@example.net",
            Changes = """
                - To: root
                + To: root@example.org
                + From: <USER@example.org>
                """,
        },

        // apt-listchanges 3.24, apt_listchanges.py: mail_changes.
        new("apt-listchanges", "-oi -t", """
            Auto-Submitted: auto-generated
            Subject: =?utf-8?q?apt-listchanges=3A_changelogs_for_h=C3=A4mlet?=
            To: root
            MIME-Version: 1.0
            Content-Type: text/plain; charset="utf-8"
            Content-Transfer-Encoding: 8bit

            linux (6.1) bookworm; urgency=low

              * Füx
            """)
        {
            Recipients = "admin@example.net",
            Parameters = "BODY=8BITMIME",
            Changes = """
                - To: root
                + To: root@example.org
                + From: <USER@example.org>
                """,
        },

        // unattended-upgrades 2.9.1, /usr/bin/unattended-upgrade: _send_mail_using_sendmail.
        new("unattended-upgrades", "-oi -t", """
            Subject: unattended-upgrades result for hamlet: SUCCESS
            From: root
            To: root
            Auto-Submitted: auto-generated
            MIME-Version: 1.0
            Content-Type: text/plain; charset="utf-8"
            Content-Transfer-Encoding: quoted-printable

            Packages that were upgraded:
             =C3=A9 libc6
            .
            end
            """)
        {
            Recipients = "admin@example.net",
            Changes = """
                - From: root
                + From: root@example.org
                - To: root
                + To: root@example.org
                """,
        },

        // fail2ban 1.0.2, /etc/fail2ban/action.d/sendmail.conf and sendmail-common.conf.
        new("fail2ban", "-f fail2ban root", """
            Subject: [Fail2Ban] sshd: banned 192.0.2.7 from hamlet
            Date: Sun, 22 Nov 2026 12:48:21 +0000
            From: Fail2Ban <fail2ban>
            To: root

            Hi,
            The IP 192.0.2.7 has just been banned by Fail2Ban after
            5 attempts against sshd.
            """)
        {
            Sender = "fail2ban@example.org",
            Recipients = "admin@example.net",
            Changes = """
                - From: Fail2Ban <fail2ban>
                + From: Fail2Ban <fail2ban@example.org>
                - To: root
                + To: root@example.org
                """,
        },

        // cron-apt 0.13, /usr/share/cron-apt/functions: onexit.
        new("cron-apt", "-t -oi", """
            To: root
            Subject: CRON-APT completed on hamlet [/etc/cron-apt/config]

            CRON-APT RUN [/etc/cron-apt/config]: Sun Nov 22 04:00:01 UTC 2026
            """)
        {
            Recipients = "admin@example.net",
            Changes = """
                - To: root
                + To: root@example.org
                + From: <USER@example.org>
                """,
        },

        // rkhunter 1.4.6, /etc/cron.daily/rkhunter.
        new("rkhunter", "root", """
            Subject: [rkhunter] hamlet - Daily report
            To: root

            Warning: The command '/usr/bin/lwp-request' has been replaced by a script
            """)
        {
            Recipients = "admin@example.net",
            Changes = """
                - To: root
                + To: root@example.org
                + From: <USER@example.org>
                """,
        },

        // reportbug 12.0, /usr/lib/python3/dist-packages/reportbug/submit.py: send_report.
        new("reportbug", "-f ann@example.org -oi -oem submit@bugs.example.net", """
            Content-Type: text/plain; charset="us-ascii"
            MIME-Version: 1.0
            Content-Transfer-Encoding: 7bit
            From: Ann <ann@example.org>
            To: Bug Tracking System <submit@bugs.example.net>
            Subject: hello: does not greet
            Message-ID: <179535173921.1.1@hamlet>
            X-Mailer: reportbug 12.0.0
            Date: Sun, 22 Nov 2026 12:48:21 +0000
            X-Debbugs-Cc: ann@example.org

            Package: hello
            Version: 2.10-3
            """)
        {
            Sender = "ann@example.org",
            Recipients = "submit@bugs.example.net",
        },
    ];
}
