using System.Globalization;
using System.Text;

namespace RelayProxy.Benchmarks.Load;

/// <summary>What is sent: the same octets over and over, to one alias after the other.</summary>
internal sealed class Letter
{
    public const string Sender = "app@example.org";

    private static readonly byte[] s_mail = Encoding.ASCII.GetBytes($"MAIL FROM:<{Sender}>\r\n");
    private static readonly byte[] s_data = "DATA\r\n"u8.ToArray();
    private static readonly byte[][] s_recipients =
        [.. Enumerable.Range(0, AliasList.Entries).Select(i => Encoding.ASCII.GetBytes($"RCPT TO:<{AliasList.Recipient(i)}>\r\n"))];

    private static readonly byte[][] s_groups = [.. s_recipients.Select(recipient => (byte[])[.. s_mail, .. recipient, .. s_data])];

    public Letter(int octets)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"From: {Sender}\r\nTo: box@example.net\r\nSubject: load\r\nDate: Sun, 22 Nov 2026 06:30:12 +0000\r\n");
        text.Append("Message-ID: <load@example.org>\r\n\r\n");
        while (text.Length < octets)
        {
            text.Append('x', Math.Clamp(octets - text.Length - 2, 1, 76)).Append("\r\n");
        }

        Octets = octets;
        Content = Encoding.ASCII.GetBytes(text.Append(".\r\n").ToString());
    }

    public int Octets { get; }

    /// <summary>The message, with the end of data behind it.</summary>
    public byte[] Content { get; }

    /// <summary>MAIL, RCPT and DATA, each by itself.</summary>
    /// <param name="number">Of the message; its recipient is the alias of that number.</param>
    public static byte[][] Commands(int number) => [s_mail, s_recipients[number % s_recipients.Length], s_data];

    /// <summary>The same in one piece.</summary>
    public static byte[] Group(int number) => s_groups[number % s_groups.Length];
}
