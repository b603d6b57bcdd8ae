using RelayProxy.Harness;
using RelayProxy.Session;

namespace RelayProxy.Proof.Client;

/// <summary>Whoever speaks another protocol first, and mail behind it, is closed on at the first line: none of the mail is heard.</summary>
public class PreambleTests
{
    private const string Mail = "EHLO x\r\nMAIL FROM:<evil@example.net>\r\nRCPT TO:<victim@example.com>\r\nDATA\r\nsmuggled\r\n.\r\n";

    private static readonly string[] s_methods =
        ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH", "PRI", "PROPFIND", "M-SEARCH", "get", "X"];

    private static readonly string[] s_preambles =
    [
        .. s_methods.Select(method => $"{method} / HTTP/1.1\r\nHost: 127.0.0.1:25\r\n\r\n"),
        "GET /\r\n", "POST http://127.0.0.1:25/ HTTP/1.0\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "\x16\x03\x01\r\n",             // TLS
        "\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10\r\n", "\x80\x80\x01\x03\x01",     // SSLv2, and TLS in its form
        "\x04\x01\x00\x19\x7f\x00\x00\x01\x00", "\x05\x01\x00", "\x05\x02\x00\x02",     // SOCKS
        "PROXY TCP4 192.0.2.1 127.0.0.1 40000 25\r\n", "PROXY TCP6 ::1 ::1 1 25\r\n", "PROXY UNKNOWN\r\n",
        "Host: 127.0.0.1\r\n", "Host:127.0.0.1\r\n", "User-Agent: x\r\n", "Label: value\r\n", "X:\r\n", "content-length: 5\r\n\r\n",
        "\0\0\0\x54\xff\x53\x4d\x42", "\x03\x00\x00\x13", "\xff\xfb\x18",              // SMB, RDP, telnet's own words
    ];

    [Fact]
    public async Task Nothing_behind_another_protocols_first_line_is_heard()
    {
        foreach (string preamble in s_preambles)
        {
            for (int cut = 0; cut <= preamble.Length; cut++)
            {
                await using var session = new SessionUnderTest();
                string heard = session.Say(preamble[..cut]) + session.Say(preamble[cut..]) + session.Say(Mail);

                Assert.Equal((preamble, "220 relay.test ESMTP\r\n421 4.7.0 This is an SMTP server: closing\r\n"), (preamble, heard));
                Assert.Equal(SessionEnd.ForeignProtocol, await session.Ended);
                Assert.Empty(session.Store.Messages);
            }
        }

        Figures.Note("preambles", ("kinds", s_preambles.Length), ("heard behind one", 0));
    }
}
