namespace RelayProxy.Integration.Foreign;

/// <summary>A program of other people's that hands its mail to a sendmail, and can be told to which.</summary>
/// <param name="Needs">What must be installed.</param>
/// <param name="Line">
/// For a shell, which has <c>$SENDMAIL</c> (also as <c>sendmail</c> in its path), <c>$TEXT</c>: the text that Ann sends to Bob and Carol, and blindly to
/// Dave, with the subject <c>Grüße</c>; <c>$FILE</c>, which is attached where it says so; and a folder to work in.
/// </param>
/// <param name="Attaches">It attaches the file.</param>
internal sealed record SendmailCaller(string Name, string Needs, string Line, bool Attaches = false)
{
    /// <summary>The envelope's, which programs that do not say leave to us.</summary>
    public string Sender { get; init; } = "ann@example.org";

    public string Subject { get; init; } = "Grüße";

    /// <summary>What stands before each line of the text that arrives.</summary>
    public string Margin { get; init; } = "";

    private static string Login { get; } = Environment.UserName + "@example.org";

    public static IReadOnlyList<SendmailCaller> All { get; } =
    [
        new("PHP mail()", "php", """
            php -d "sendmail_path=$SENDMAIL -t -i" -r '
                mail("Bob <bob@example.net>", "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", file_get_contents($argv[1]),
                    "From: Ann <ann@example.org>\r\nCc: carol@example.net\r\nBcc: dave@example.net\r\nMIME-Version: 1.0\r\n"
                    . "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit", "-fann@example.org") or exit(1);' "$TEXT"
            """),

        // As contact forms are written: nothing declared, nothing encoded.
        new("PHP mail() undeclared", "php", """
            php -d "sendmail_path=$SENDMAIL -t -i" -r '
                mail("bob@example.net", "Grüße", file_get_contents($argv[1]), ["From" => "ann@example.org", "Cc" => "carol@example.net", "Bcc" => "dave@example.net"])
                    or exit(1);' "$TEXT"
            """) { Sender = Login },

        new("PHPMailer", "php /usr/share/php/libphp-phpmailer/autoload.php", """
            php -d "sendmail_path=$SENDMAIL -t -i" -r '
                require "/usr/share/php/libphp-phpmailer/autoload.php";
                $mail = new PHPMailer\PHPMailer\PHPMailer(true);
                $mail->isSendmail();
                $mail->CharSet = "utf-8";
                $mail->setFrom("ann@example.org", "Ann");
                $mail->addAddress("bob@example.net");
                $mail->addCC("carol@example.net");
                $mail->addBCC("dave@example.net");
                $mail->Subject = "Grüße";
                $mail->Body = file_get_contents($argv[1]);
                $mail->addAttachment($argv[2]);
                $mail->send() or exit(1);' "$TEXT" "$FILE"
            """, Attaches: true),

        new("PHPMailer by mail()", "php /usr/share/php/libphp-phpmailer/autoload.php", """
            php -d "sendmail_path=$SENDMAIL -t -i" -r '
                require "/usr/share/php/libphp-phpmailer/autoload.php";
                $mail = new PHPMailer\PHPMailer\PHPMailer(true);
                $mail->CharSet = "utf-8";
                $mail->setFrom("ann@example.org", "Ann");
                $mail->addAddress("bob@example.net");
                $mail->addCC("carol@example.net");
                $mail->addBCC("dave@example.net");
                $mail->Subject = "Grüße";
                $mail->Body = file_get_contents($argv[1]);
                $mail->send() or exit(1);' "$TEXT"
            """),

        Symfony("Symfony, which speaks SMTP to it", "sendmail://default?command=' . rawurlencode(getenv('SENDMAIL') . ' -bs"),
        Symfony("Symfony with -t", "sendmail://default?command=' . rawurlencode(getenv('SENDMAIL') . ' -oi -t"),

        new("mutt", "mutt", """
            mutt -n -F /dev/null -e "set sendmail='$SENDMAIL -oem -oi'" -e 'set charset=utf-8 send_charset=utf-8' -e 'my_hdr From: Ann <ann@example.org>' \
                -e 'set use_envelope_from' -e 'set copy=no' -s Grüße -c carol@example.net -b dave@example.net -a "$FILE" -- bob@example.net < "$TEXT"
            """, Attaches: true),

        new("mail (bsd-mailx)", "bsd-mailx", """
            echo "set sendmail=$SENDMAIL" > mailrc
            MAILRC=mailrc bsd-mailx -s Grüße -r ann@example.org -c carol@example.net -b dave@example.net bob@example.net < "$TEXT"
            """),

        new("s-nail", "s-nail", """
            s-nail -n -S mta="$SENDMAIL" -S ttycharset=utf-8 -s Grüße -r 'Ann <ann@example.org>' -a "$FILE" -c carol@example.net -b dave@example.net \
                bob@example.net < "$TEXT"
            """, Attaches: true),

        new("git send-email", "git /usr/lib/git-core/git-send-email", """
            export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@example.org GIT_COMMITTER_NAME=Ann GIT_COMMITTER_EMAIL=ann@example.org
            git init -q . && cp "$TEXT" text && git add text && git commit -q -m Grüße && git format-patch -q --root &&
            git send-email --quiet --sendmail-cmd="$SENDMAIL" --envelope-sender=ann@example.org --from='Ann <ann@example.org>' --to=bob@example.net \
                --cc=carol@example.net --bcc=dave@example.net --suppress-cc=all --confirm=never --transfer-encoding=8bit --no-validate 0001-*.patch
            """) { Subject = "[PATCH] Grüße", Margin = "+" },

        new("Perl's Email::Sender", "perl /usr/share/perl5/Email/Sender.pm", """
            perl -MEmail::Sender::Simple=sendmail -MEmail::Simple -MEmail::Sender::Transport::Sendmail -e '
                local $/; open my $file, "<", $ARGV[0]; my $text = <$file>;
                my @header = (From => q(ann@example.org), To => q(bob@example.net), Cc => q(carol@example.net), Subject => "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=",
                    "MIME-Version" => "1.0", "Content-Type" => "text/plain; charset=utf-8", "Content-Transfer-Encoding" => "8bit");
                sendmail(Email::Simple->create(header => \@header, body => $text), {
                    from => q(ann@example.org), to => [qw(bob@example.net carol@example.net dave@example.net)],
                    transport => Email::Sender::Transport::Sendmail->new({ sendmail => $ENV{SENDMAIL} }) });' "$TEXT"
            """),

        new("Perl's MIME::Lite", "perl /usr/share/perl5/MIME/Lite.pm", """
            perl -MMIME::Lite -e '
                my $mail = MIME::Lite->new(From => q(ann@example.org), To => q(bob@example.net), Cc => q(carol@example.net), Bcc => q(dave@example.net),
                    Subject => "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", Type => "multipart/mixed");
                $mail->attach(Type => "text/plain; charset=utf-8", Encoding => "quoted-printable", Path => $ARGV[0]);
                $mail->attach(Type => "application/octet-stream", Encoding => "base64", Path => $ARGV[1]);
                $mail->send("sendmail", "$ENV{SENDMAIL} -t -oi -oem -fann\@example.org") or exit 1;' "$TEXT" "$FILE"
            """, Attaches: true),

        new("mime-construct", "mime-construct", """
            mime-construct --header 'From: ann@example.org' --to bob@example.net --cc carol@example.net --bcc dave@example.net --subject '=?utf-8?Q?Gr=C3=BC=C3=9Fe?=' \
                --type 'text/plain; charset=utf-8' --file "$TEXT" --file-attach "$FILE"
            """, Attaches: true) { Sender = Login },

        new("procmail", "procmail", """
            printf ':0\n! bob@example.net carol@example.net dave@example.net\n' > rules && chmod 600 rules &&
            { printf 'From ann@example.org  Sun Nov 22 12:00:00 2026\nFrom: Ann <ann@example.org>\nTo: bob@example.net\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\n'
              printf 'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n'
              cat "$TEXT"; } | procmail -p -m "SENDMAIL=$SENDMAIL" "$PWD/rules"
            """) { Sender = Login },

        new("Python's subprocess", "python3", """
            python3 -c '
            import subprocess, sys
            from email.message import EmailMessage
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Cc"], mail["Bcc"], mail["Subject"] = "Ann <ann@example.org>", "bob@example.net", "carol@example.net", "dave@example.net", "Grüße"
            mail.set_content(open(sys.argv[2], encoding="utf-8").read())
            mail.add_attachment(open(sys.argv[3], "rb").read(), maintype="application", subtype="octet-stream", filename="file")
            subprocess.run([sys.argv[1], "-t", "-oi", "-f", "ann@example.org"], input=mail.as_bytes(), check=True)
            ' "$SENDMAIL" "$TEXT" "$FILE"
            """, Attaches: true),

        new("swaks, which speaks SMTP to it", "swaks", """
            { printf 'From: Ann <ann@example.org>\nTo: bob@example.net\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\n'
              printf 'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n'
              cat "$TEXT"; } > letter
            swaks --pipe "$SENDMAIL -bs" --from ann@example.org --to bob@example.net,carol@example.net,dave@example.net --data @letter --silent 2
            """),
    ];

    public override string ToString() => Name;

    private static SendmailCaller Symfony(string name, string transport) => new(name, "php /usr/share/php/Symfony/Component/Mailer/autoload.php", $$"""
        cat > send.php <<'END'
        <?php
        require '/usr/share/php/Symfony/Component/Mailer/autoload.php';
        $mail = (new Symfony\Component\Mime\Email())->from('Ann <ann@example.org>')->to('bob@example.net')->cc('carol@example.net')->bcc('dave@example.net')
            ->subject('Grüße')->text(file_get_contents($argv[1]))->attachFromPath($argv[2], 'file');
        (new Symfony\Component\Mailer\Mailer(Symfony\Component\Mailer\Transport::fromDsn('{{transport}}'))))->send($mail);
        END
        php send.php "$TEXT" "$FILE"
        """, Attaches: true);
}
