namespace RelayProxy.Integration.Packaging;

/// <summary>A program that sends mail, called as people call it.</summary>
/// <param name="Sender">Of the envelope.</param>
/// <param name="Header">A field that has to arrive.</param>
/// <param name="Body">What has to arrive below the header.</param>
internal sealed record SendingProgram(string Name, string User, string Script, string Sender, string Recipient, string Header, string Body)
{
    private const string Patch = """
        rm -rf work && git init -q work && cd work
        git config user.name Ann && git config user.email ann@example.net
        echo one >file && git add file && git commit -q -m 'A change' && git format-patch -q -1
        git send-email --quiet --confirm=never --suppress-cc=all --to=list@example.com
        """;

    public static IReadOnlyList<SendingProgram> All { get; } =
    [
        new("PHP's mail()", "www-data",
            """php -r 'exit((int) !mail("you@example.com", "From PHP", "one\ntwo\n.\nfour", "From: Shop <shop@example.net>\r\nX-App: shop"));'""",
            "www-data@example.net", "you@example.com", "X-App: shop", "one\ntwo\n.\nfour\n"),
        new("PHP's mail() with a sender of its own", "www-data",
            """php -r 'exit((int) !mail("you@example.com", "From PHP", "Hello", ["From" => "shop@example.net"], "-fbounces@example.net"));'""",
            "bounces@example.net", "you@example.com", "From: shop@example.net", "Hello\n"),
        new("bsd-mailx", "anna", "echo Hello | mail -s 'From mailx' you@example.com",
            "anna@example.net", "you@example.com", "Subject: From mailx", "Hello\n"),
        new("cron", "root", "printf '@reboot root echo Hello\\n' >/etc/cron.d/hello; rm -f /run/crond.reboot; cron",
            "root@example.net", "you@example.com", "Subject: Cron <root@box> echo Hello", "Hello\n"),
        new("what cron types", "root",
            "printf 'From: root (Cron Daemon)\\nTo: root\\nSubject: Cron\\n\\nHello\\n' | /usr/sbin/sendmail -FCronDaemon -i -B8BITMIME -oem root",
            "root@example.net", "you@example.com", "Subject: Cron", "Hello\n"),
        new("git send-email", "anna", $"{Patch} 0001-A-change.patch",
            "anna@example.net", "list@example.com", "From: Ann <ann@example.net>", "+one\n"),
        new("git send-email by SMTP", "anna", $"{Patch} --smtp-server=localhost 0001-A-change.patch",
            "ann@example.net", "list@example.com", "Subject: [PATCH] A change", "+one\n"),
        new("mutt", "anna", "echo Hello | mutt -s 'From mutt' -a /etc/debian_version -- you@example.com",
            "anna@example.net", "you@example.com", "Subject: From mutt", "Hello\n"),
        new("Python's smtplib", "anna",
            """
            python3 -c '
            import smtplib
            with smtplib.SMTP("localhost") as smtp:
                smtp.sendmail("anna@example.net", ["you@example.com"], "Subject: From Python\r\n\r\nHello\r\n")'
            """,
            "anna@example.net", "you@example.com", "Subject: From Python", "Hello\n"),
        new("Python's subprocess", "anna",
            """
            python3 -c '
            import subprocess
            subprocess.run(["/usr/lib/sendmail", "-t", "-oi"], input=b"To: you@example.com\nBcc: two@example.com\nSubject: From Python\n\nHello\n", check=True)'
            """,
            "anna@example.net", "you@example.com, two@example.com", "Subject: From Python", "Hello\n"),
        new("rmail", "root", "printf 'From ann Mon Nov 23 10:00:00 2026 remote from far.example\\nSubject: From afar\\n\\nHello\\n' | rmail you@example.com",
            "ann@far.example", "you@example.com", "Subject: From afar", "Hello\n"),
    ];

    public override string ToString() => Name;
}
