using System.Text;
using RelayProxy.Harness;
using RelayProxy.Session;

namespace RelayProxy.Unit.Session;

/// <summary>Whatever comes, a session answers in lines and throws nothing. The seeds are fixed: a failure is the same again.</summary>
public class SessionFuzzTests
{
    private static readonly string[] s_pieces =
    [
        "EHLO x\r\n", "HELO x\r\n", "MAIL FROM:<a@example.net>\r\n", "MAIL FROM:<>", " SIZE=10", " BODY=8BITMIME", " SMTPUTF8", "RCPT TO:<b@example.com>\r\n",
        "RCPT TO:<", "\"a\\\" b\"@", "b@example.com>", " NOTIFY=NEVER", " ORCPT=rfc822;x", "DATA\r\n", "BDAT 5\r\n", "BDAT 0 LAST\r\n", "BDAT 3 LAST\r\n", "BDAT ",
        "RSET\r\n", "NOOP\r\n", "VRFY x\r\n", "HELP\r\n", "QUIT", "\r\n", "\r", "\n", ".", "\r\n.\r\n", ".\r\n", "x", "\0", "\xff\xfe", "\t", " ", "Subject: x\r\n", "AUTH PLAIN\r\n",
    ];

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public async Task A_session_survives_anything(int seed, bool rejects)
    {
        var random = new Random(seed);
        var options = new SessionOptions
        {
            MaxErrors = 1000,
            MaxCommandOctets = 600,
            MaxMessageOctets = 200,
            BareNewlines = rejects ? BareNewlines.Reject : BareNewlines.Normalize,
        };
        for (int round = 0; round < 500; round++)
        {
            await using var session = new SessionUnderTest(options);
            var said = new StringBuilder();
            var heard = new StringBuilder(session.Hear());
            while (said.Length < 600 && !session.Ended.IsCompleted)
            {
                string piece = random.Next(20) == 0 ? Noise(random) : s_pieces[random.Next(s_pieces.Length)];
                said.Append(piece);
                heard.Append(session.Say(piece));
            }

            heard.Append(session.HangUp());
            SessionEnd end = await session.Ended;

            Assert.True(end != SessionEnd.Fault, said.ToString());
            Assert.All(heard.ToString().Split("\r\n")[..^1], line => Assert.Matches(@"^[2345]\d\d[ -][\x20-\x7e]*$", line));
            Assert.EndsWith("\r\n", heard.ToString(), StringComparison.Ordinal);
            Assert.Equal((0, 0L), (session.Store.Open, session.InFlight.Octets));
        }
    }

    private static string Noise(Random random)
    {
        byte[] octets = new byte[random.Next(40)];
        random.NextBytes(octets);
        return Encoding.Latin1.GetString(octets);
    }
}
