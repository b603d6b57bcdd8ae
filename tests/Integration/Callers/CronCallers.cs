namespace RelayProxy.Integration.Callers;

/// <summary>What runs jobs and mails their output. The sources named are Debian 12's, where the octets were taken from the running program.</summary>
internal static class CronCallers
{
    public static IEnumerable<Caller> All { get; } =
    [
        // cron 3.0pl1, /usr/sbin/cron. The job's line stands in the subject whatever letters it has.
        new("Debian's cron", "-FCronDaemon -i -B8BITMIME -oem anna,bob@example.net", """
            From: root (Cron Daemon)
            To: anna,bob@example.net
            Subject: Cron <anna@hamlet> echo "Hällo"; echo .; echo From x
            MIME-Version: 1.0
            Content-Type: text/plain; charset=UTF-8
            Content-Transfer-Encoding: 8bit
            X-Cron-Env: <MAILTO=anna,bob@example.net>
            X-Cron-Env: <SHELL=/bin/sh>
            X-Cron-Env: <LOGNAME=anna>

            Hällo
            .
            From x
            """)
        {
            Recipients = "anna@example.net bob@example.net",
            Parameters = "BODY=8BITMIME",
            Changes = """
                - From: root (Cron Daemon)
                + From: root@example.org (Cron Daemon)
                - To: anna,bob@example.net
                + To: anna@example.org,bob@example.net
                - Subject: Cron <anna@hamlet> echo "Hällo"; echo .; echo From x
                + Subject: Cron <anna@hamlet> echo =?utf-8?q?=22H=C3=A4llo=22=3B?= echo .; echo From x
                """,
        },

        // cronie, do_command.c: Red Hat's, SUSE's and Arch's. MAILFROM is the sender of the envelope too.
        new("cronie", "-FCronDaemon -i -odi -oem -oi -t -f root", """
            From: "(Cron Daemon)" <root>
            To: root
            Subject: Cron <root@hamlet> run-parts /etc/cron.hourly
            MIME-Version: 1.0
            Content-Type: text/plain; charset=UTF-8
            Content-Transfer-Encoding: 8bit
            Auto-Submitted: auto-generated
            Precedence: bulk
            X-Cron-Env: <SHELL=/bin/bash>

            /etc/cron.hourly/0anacron:
            .
            """)
        {
            Sender = "root@example.org",
            Recipients = "admin@example.net",
            Changes = """
                - From: "(Cron Daemon)" <root>
                + From: "(Cron Daemon)" <root@example.org>
                - To: root
                + To: root@example.org
                """,
        },

        // cron of FreeBSD, NetBSD and macOS, config.h: MAILFMT.
        new("Vixie's cron 4", "-FCronDaemon -odi -oem -oi -t", """
            From: root (Cron Daemon)
            To: root
            Subject: Cron <root@hamlet> newsyslog
            X-Cron-Env: <LOGNAME=root>

            .
            rotated
            """)
        {
            Recipients = "admin@example.net",
            Changes = """
                - From: root (Cron Daemon)
                + From: root@example.org (Cron Daemon)
                - To: root
                + To: root@example.org
                """,
        },

        // Vixie's cron 3.0, config.h: MAILARGS, for thirty years. A read timeout of none.
        new("Vixie's cron 3", "-FCronDaemon -odi -oem -or0s root", """
            From: root (Cron Daemon)
            To: root
            Subject: Cron <root@hamlet> newsyslog

            rotated
            """)
        {
            Recipients = "admin@example.net",
            Changes = """
                - From: root (Cron Daemon)
                + From: root@example.org (Cron Daemon)
                - To: root
                + To: root@example.org
                """,
        },

        // anacron 2.3, /usr/sbin/anacron. It does not say -i: output ends at a lone dot, as it does with every sendmail.
        new("anacron", "-FAnacron -odi anna", """
            From: Anacron <root>
            To: anna
            Subject: Anacron job 'cron.daily' on hamlet
            Content-Type: text/plain; charset=UTF-8

            Hällo
            .
            gone
            """)
        {
            Recipients = "anna@example.net",
            Parameters = "BODY=8BITMIME",
            Changes = """
                - From: Anacron <root>
                + From: Anacron <root@example.org>
                - To: anna
                + To: anna@example.org
                + MIME-Version: 1.0
                + Content-Transfer-Encoding: 8bit
                """,
            Body = "Hällo",
        },

        // at 3.2.5, /usr/sbin/atd.
        new("at", "-i root", """
            Subject: Output from your job        1
            To: root

            Hällo
            .
            ..x
            """)
        {
            Recipients = "admin@example.net",
            Changes = """
                - To: root
                + To: root@example.org
                + From: <USER@example.org>
                + MIME-Version: 1.0
                + Content-Type: text/plain; charset=utf-8
                + Content-Transfer-Encoding: 8bit
                """,
        },

        // systemd-cron 1.15, /lib/systemd-cron/mail_on_failure.
        new("systemd-cron", "-i -B8BITMIME root", """
            Content-Type: text/plain; charset="us-ascii"
            MIME-Version: 1.0
            Content-Transfer-Encoding: 7bit
            Date: Sun, 22 Nov 2026 12:50:04 -0000
            From: root (systemd-cron)
            To: root
            Subject: [hamlet] job cron-backup-root-0.service failed
            Auto-Submitted: auto-generated

            cron-backup-root-0.service - [Cron] "0 3 * * * root backup"
            """)
        {
            Recipients = "admin@example.net",
            Changes = """
                - From: root (systemd-cron)
                + From: root@example.org (systemd-cron)
                - To: root
                + To: root@example.org
                """,
        },
    ];
}
