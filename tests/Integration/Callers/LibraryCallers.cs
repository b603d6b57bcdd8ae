namespace RelayProxy.Integration.Callers;

/// <summary>What applications send with. The octets are those of Debian 12's libraries.</summary>
internal static class LibraryCallers
{
    public static IEnumerable<Caller> All { get; } =
    [
        // PHP 8.2: mail(), sendmail_path at its default. CRLF behind the header, and the body as the application made it.
        new("PHP mail()", "-t -i", """
            To: bob@example.net\r
            Subject: Grüße\r
            From: shop@example.org\r
            Bcc: carol@example.net\r
            \r
            Hello
            Bcc: nobody@example.net
            .
            .dot
            From here
            last\r
            """)
        {
            Recipients = "bob@example.net carol@example.net",
            Changes = """
                - Subject: Grüße
                + Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
                - Bcc: carol@example.net
                """,
        },

        // The same with additional_params "-fbounce@example.org" (WordPress, Drupal), and with a blank in them.
        new("PHP mail() with -f", "-t -i -fbounce@example.org", """
            To: bob@example.net\r
            Subject: s\r
            From: shop@example.org\r
            \r
            Hello\r
            x\r
            """)
        {
            Sender = "bounce@example.org",
            Recipients = "bob@example.net",
        },
        new("PHP mail() with more arguments", "-t -i -f bounce@example.org -oi", """
            To: bob@example.net\r
            Subject: s\r
            \r
            Hello\r
            """)
        {
            Sender = "bounce@example.org",
            Recipients = "bob@example.net",
            Changes = "+ From: <bounce@example.org>",
        },

        // PHP with mail.mixed_lf_and_crlf, or before 8.0; and headers of the application's own.
        new("PHP mail() with LF", "-t -i", """
            To: bob@example.net
            Subject: s
            X-One: a\r
            X-Two: b
            X-PHP-Originating-Script: 33:contact.php

            Hello
            """)
        {
            Recipients = "bob@example.net",
            Changes = "+ From: <USER@example.org>",
        },

        // libphp-phpmailer 6.6.3: isSendmail(), with PHP's own sendmail_path before its "-oi -f%s -t".
        new("PHPMailer", "-t -i -oi -fbounce@example.org -t", """
            Date: Sun, 22 Nov 2026 12:47:11 +0000
            To: Bob <bob@example.net>
            From: Shop <shop@example.org>
            Bcc: carol@example.net
            Subject: =?utf-8?B?R3LDvMOfZQ==?=
            Message-ID: <dil30yuTWBVbfm8AgnP4Cc8pb3c3Twpyx11sebso0@hamlet>
            X-Mailer: PHPMailer 6.6.3 (https://github.com/PHPMailer/PHPMailer)
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 8bit

            Hällo
            .
            From x
            """)
        {
            Sender = "bounce@example.org",
            Recipients = "bob@example.net carol@example.net",
            Changes = "- Bcc: carol@example.net",
        },

        // The same with isMail(): WordPress, Joomla.
        new("WordPress", "-t -i -fwordpress@example.org", """
            To: Bob <bob@example.net>\r
            Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r
            Date: Sun, 22 Nov 2026 12:47:11 +0000\r
            From: WordPress <wordpress@example.org>\r
            Message-ID: <fmHBDRY8MpDXnaebHbnJPenBySKAE7zeU4xoVt2YN4@shop.example.org>\r
            X-Mailer: PHPMailer 6.9.3 (https://github.com/PHPMailer/PHPMailer)\r
            MIME-Version: 1.0\r
            Content-Type: text/plain; charset=UTF-8\r
            Content-Transfer-Encoding: 8bit\r
            \r
            Hällo\r
            .\r
            From x\r
            \r
            """)
        {
            Sender = "wordpress@example.org",
            Recipients = "bob@example.net",
        },

        // php-symfony-mailer 5.4: sendmail://default?command=sendmail -t, whose -t it drops itself. Without -i it doubles dots at the start of
        // lines, which today's sendmail undoes; Postfix, older sendmails and we do not, for who does not double them would lose one.
        new("Symfony without -i", "-fshop@example.org -- bob@example.net carol@example.net", """
            From: shop@example.org
            To: bob@example.net
            Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=
            Message-ID: <de975d55b77c2886b64f23fef58c627a@example.org>
            MIME-Version: 1.0
            Date: Sun, 22 Nov 2026 12:47:11 +0000
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            H=C3=A4llo
            ..
            ..dot
            last\
            """)
        {
            Sender = "shop@example.org",
            Recipients = "bob@example.net carol@example.net",
        },

        // The same with native://default, which takes PHP's sendmail_path: sendmail -t -i.
        new("Symfony", "-i -fshop@example.org -- bob@example.net carol@example.net", """
            From: shop@example.org
            To: bob@example.net
            Subject: x
            Message-ID: <cc3141b0319632862849d00001140460@example.org>
            MIME-Version: 1.0
            Date: Sun, 22 Nov 2026 12:47:11 +0000
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            .
            .dot
            last\
            """)
        {
            Sender = "shop@example.org",
            Recipients = "bob@example.net carol@example.net",
        },

        // php-mail 1.4.1 (PEAR), Mail/sendmail.php.
        new("PEAR Mail", "-i -fann@example.org -- bob@example.net dave@example.net", """
            From: ann@example.org
            To: bob@example.net
            Subject: x

            Hello\r
            .\r
            end\
            """)
        {
            Sender = "ann@example.org",
            Recipients = "bob@example.net dave@example.net",
        },

        // nodemailer 6.8, lib/sendmail-transport. Line ends of the header and of the body differ, and it leaves the Bcc in.
        new("nodemailer", "-i -f ann@example.org bob@example.net dave@example.net", """
            Content-Type: text/plain; charset=utf-8\r
            From: ann@example.org\r
            To: bob@example.net\r
            Bcc: dave@example.net\r
            Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r
            Message-ID: <c25c8daa-987c-88d8-ca6a-ed82bfc80dae@example.org>\r
            Content-Transfer-Encoding: quoted-printable\r
            Date: Sun, 22 Nov 2026 12:50:04 +0000\r
            MIME-Version: 1.0\r
            \r
            H=C3=A4llo
            .
            .x\r
            """)
        {
            Sender = "ann@example.org",
            Recipients = "bob@example.net dave@example.net",
            Changes = "- Bcc: dave@example.net",
        },

        // The same with args: ["-t"].
        new("nodemailer with -t", "-i -t bob@example.net dave@example.net", """
            From: ann@example.org\r
            To: bob@example.net\r
            Bcc: dave@example.net\r
            Subject: x\r
            Message-ID: <e478b8b7-0c1d-3756-0d05-8c8930688ef6@example.org>\r
            Date: Sun, 22 Nov 2026 12:50:05 +0000\r
            MIME-Version: 1.0\r
            \r
            Hello\r
            """)
        {
            Recipients = "bob@example.net dave@example.net",
            Changes = "- Bcc: dave@example.net",
        },

        // ruby-mail 2.7.1 (Rails), network/delivery_methods/sendmail.rb.
        new("Ruby's mail", "-i -f ann@example.org -- bob@example.net dave@example.net", """
            Date: Sun, 22 Nov 2026 12:48:19 +0000
            From: ann@example.org
            To: bob@example.net,\x20
             carol@example.net
            Message-ID: <6b02e49313d02_1774294-475@hamlet.mail>
            Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=
            Mime-Version: 1.0
            Content-Type: text/plain;
             charset=UTF-8
            Content-Transfer-Encoding: quoted-printable

            H=C3=A4llo=0D
            .=0D
            """)
        {
            Sender = "ann@example.org",
            Recipients = "bob@example.net dave@example.net",
        },

        // libemail-sender-perl 2.600, Email/Sender/Transport/Sendmail.pm.
        new("Perl's Email::Sender", "-i -f ann@example.org -- bob@example.net carol@example.net", """
            To: bob@example.net
            From: ann@example.org
            Subject: x
            Date: Sun, 22 Nov 2026 12:48:19 +0000

            Hello
            .
            """)
        {
            Sender = "ann@example.org",
            Recipients = "bob@example.net carol@example.net",
        },

        // libmime-lite-perl 3.033, MIME/Lite.pm.
        new("Perl's MIME::Lite", "-t -oi -oem -fann@example.org", """
            Content-Disposition: inline
            Content-Transfer-Encoding: 8bit
            Content-Type: text/plain
            MIME-Version: 1.0
            X-Mailer: MIME::Lite 3.033 (F2.85; T2.24; A2.21; B3.16; Q3.16)
            Date: Sun, 22 Nov 2026 12:48:19 +0000
            From: ann@example.org
            To: bob@example.net
            Bcc: dave@example.net
            Subject: x

            Hello
            .
            """)
        {
            Sender = "ann@example.org",
            Recipients = "bob@example.net dave@example.net",
            Changes = "- Bcc: dave@example.net",
        },

        // mime-construct 1.11, /usr/bin/mime-construct.
        new("mime-construct", "-oi bob@example.net dave@example.net", """
            To: bob@example.net
            Subject: Hi
            MIME-Version: 1.0 (mime-construct 1.11)
            Content-Type: multipart/mixed; boundary=plexiglas

            --plexiglas
            Content-Transfer-Encoding: base64

            SGVsbG8=

            --plexiglas--
            """)
        {
            Recipients = "bob@example.net dave@example.net",
            Changes = "+ From: <USER@example.org>",
        },

        // Python 3.11: the example of the email module's own documentation, and of Django's sendmail back ends.
        new("Python's subprocess", "-t -oi", """
            From: ann@example.org
            To: bob@example.net
            Bcc: dave@example.net
            Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
            Content-Type: text/plain; charset="utf-8"
            Content-Transfer-Encoding: 8bit
            MIME-Version: 1.0

            Hällo
            .
            From x
            """)
        {
            Recipients = "bob@example.net dave@example.net",
            Changes = "- Bcc: dave@example.net",
        },
    ];
}
