namespace RelayProxy.Proof.Fuzzing;

/// <summary>Everything that reads what strangers wrote, with what it promises.</summary>
internal static class FuzzTargets
{
    private const string Smtp =
        "EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT AUTH STARTTLS FROM:<a@example.net> TO:<b@example.com> TO:<> SIZE=10 BODY=8BITMIME SMTPUTF8 "
        + "RET=FULL ENVID=a+2Bb NOTIFY=NEVER ORCPT=rfc822;x LAST . .. 1 5 99999999999999999999 Subject: From: Received: :";

    private const string Header =
        "From: To: Cc: Bcc: Resent-Bcc: Subject: Content-Type:text/plain MIME-Version:1.0 DKIM-Signature:x; root a@web1 <root> <a@web1>, (c) \"q r\" \\ g:a,b; "
        + "[127.0.0.1] =?utf-8?q?x?= @route.example: localhost , ; : < > ( ) . -----BEGIN";

    private const string Addresses = "< > @ . .. a root \" \\ \"a b\" example.net [127.0.0.1] [IPv6:::1] @a.example: : , SIZE=1 += +0D+0A xn--";

    public static readonly IReadOnlyDictionary<string, FuzzTarget> All = new Dictionary<string, FuzzTarget>
    {
        ["commands"] = new(
            [
                "EHLO x\r\nMAIL FROM:<a@example.net> SIZE=100 BODY=8BITMIME RET=HDRS ENVID=q+2Br\r\nRCPT TO:<b@example.com> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+40x\r\nDATA\r\nSubject: x\r\n\r\n..x\r\n.\r\nQUIT\r\n",
                "HELO x\r\nNOOP\nVRFY a\r\nHELP HEALTH\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nRSET\r\nMAIL FROM:<\u00c3\u00bc@example.net> SMTPUTF8\r\n",
            ],
            Smtp,
            Wire.Converse),
        ["chunks"] = new(
            ["EHLO x\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.com>\r\nBDAT 13\r\nSubject: two\r\nBDAT 5 LAST\r\n\n.\r\n.QUIT\r\n", "EHLO x\r\nBDAT 3\r\nabcNOOP\r\nBDAT 0 LAST\r\n"],
            Smtp,
            Wire.Converse),
        ["content"] = new(["Subject: x\r\n\r\n..x\r\n.y\r\n\r.\r\n\n.\n.\r\n", "x\r\n.", "\r\n.\r\r\n."], ". .. \r\n.\r\n \r\n. .\r\n \r.\r \n.\n x", Wire.ReadContent),
        ["replies"] = new(
            ["250-smarthost.test\r\n250-SIZE 100\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n", "550-5.1.1 No\r\n550 5.1.1 such\r\n", "421\r\n"],
            "250 250- 550 5.1.1 4.2.0 - SIZE AUTH= AUTH PLAIN STARTTLS 354 999 099",
            Wire.ReadReply),
        ["addresses"] = new(["<a@example.net>", "<\"a\\\" b\"@[IPv6:::1]> SIZE=10", "<@a.example,@b.example:u@c.example>", "<\u00c3\u00bc@\u00c3\u00bc.example>"], Addresses, Words.ReadPath),
        ["parameters"] = new([" SIZE=10 BODY=8BITMIME SMTPUTF8", " NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a+2Bb@c"], Smtp, Words.ReadParameters),
        ["xtext"] = new(["a+2Bb+3Dc", "+C3+BC", "plain"], "+ = +2B +0D +7F +C2+85 +F0+9F+98+80 +c3", Words.ReadXtext),
        ["utf-8"] = new(["\u00c3\u00bc\u00e2\u0082\u00ac\u00f0\u009f\u0098\u0080", "\u00ed\u009f\u00bf\u00ee\u0080\u0080\u00f4\u008f\u00bf\u00bf"], "\u00c0\u0080 \u00f4\u0090 \u00e0\u009f \u00f0\u008f a", Words.ReadUtf8),
        ["header splice"] = new(
            ["From: Anna <root@web1>, \"B\" <b@isp.example>\r\nTo: g: a, b@web1;\r\nSubject: x\r\n\r\n", "Sender:\r\n (c) root\r\n\t(d)\r\nReply-To: <@r:root>\r\n\r\n"], Header, Texts.Splice),
        ["submitted text"] = new(
            ["To: a, b@example.net\nBcc: c\nSubject: \u00c3\u00bc\n\nbody\n.\nmore\n", "From ann Mon\nTo: x\r\nContent-Type: text/plain\r\n\r\n" + new string('y', 1100) + "\n"], Header, Texts.Submit),
        ["aliases"] = new(
            ["root: a@example.net, b\n# c\nteam: :include:/x, \"|prog x\", /f\n*: :fail: no\n@x.example: root\n", "a: a, \\a\n  , error:550 5.1.1 x\nowner-l: b\n"],
            "root a@x.example \"a \"|p |p /f /d/ :include:/f :fail: :defer: error:550 :blackhole: \\root <a@x> (c) : , # * @ +tag \\\n",
            Texts.ReadAliases),
        ["dma.conf"] = new(
            ["SMARTHOST smtp.example.net\nPORT 465\nSECURETRANSFER\nSTARTTLS\nALIASES /etc/aliases\nMASQUERADE a@b\n# c\nMAILNAME /etc/mailname\n", "NULLCLIENT\nAUTHPATH /a\nSPOOLDIR /s\nFINGERPRINT ab\n"],
            "SMARTHOST PORT SECURETRANSFER STARTTLS OPPORTUNISTIC_TLS CERTFILE VERIFYCERT INSECURE FULLBOUNCE NULLCLIENT DEFER MAILNAME MASQUERADE FINGERPRINT AUTHPATH # = 587 0 -1",
            Texts.ReadDma),
        ["configuration file"] = new(
            ["""{ "Smarthost": { "Host": "smtp.example.net", "Port": 465, "Password": "Sesame-4711" }, "Listener": { "Endpoints": [ "127.0.0.1:25" ] } }""", """{ "Rewrite": { "Aliases": { "root": "a@b" } }, "Delivery": { "RetryFor": "5d" } }"""],
            "\"Smarthost\" \"Host\" \"Port\" \"Tls\" \"Listener\" \"MaxMessageOctets\" \"Rewrite\" \"Delivery\" { } [ ] : , null true 1e999 -1 \"5m\" \"50MB\" // /* */ \\u0000 \\ud800",
            Settings.ReadFile),
        ["configuration environment"] = new(
            ["RELAYPROXY_Smarthost__Host=smtp.example.net\0RELAYPROXY_Smarthost__Password=Sesame-4711\0RELAYPROXY_Listener__Endpoints=127.0.0.1:25", "RELAYPROXY_Smarthost__Url=smtps://u:Sesame-4711@h:465\0RELAYPROXY_Rewrite__Aliases__root=a@b"],
            "RELAYPROXY_ Smarthost __ Host Port Tls Url smtp:// smtps:// Listener Endpoints Queue Path Delivery 5m -1 50MB %2f %00 : @ \0",
            Settings.ReadEnvironment),
        ["store rows"] = new(Rows.Seeds, "\0 \u0001 \u0002 \u007f \u0080 \u00ff \u00ff\u00ff\u00ff\u00ff\u007f", Rows.Read),
    };
}
