namespace RelayProxy.Proof.Client;

/// <summary>
/// What a server has to make of the octets behind DATA, written to be short and obviously right, and of nothing that the relay is made of: the
/// messages it takes, and the codes it answers. It knows only as much of SMTP as the smuggler says.
/// </summary>
/// <param name="rejects">Lone CR and LF are refused, else each becomes CRLF.</param>
internal sealed class ReferenceServer(bool rejects)
{
    /// <summary>The content of each message taken, unstuffed.</summary>
    public List<string> Messages { get; } = [];

    /// <summary>Code after code.</summary>
    public string Replies { get; private set; } = "";

    public bool HangsUp { get; private set; }

    /// <summary>Lines end with CRLF and with nothing else; a lone dot ends the message; the first dot of any other line goes.</summary>
    /// <returns>The message as its lines stood, and what is behind it.</returns>
    public static (string Message, string Behind)? TakeMessage(string wire)
    {
        string message = "";
        for (int at = 0, end; (end = wire.IndexOf("\r\n", at, StringComparison.Ordinal)) >= 0; at = end + 2)
        {
            string line = wire[at..end];
            if (line == ".")
            {
                return (message, wire[(end + 2)..]);
            }

            message += (line.StartsWith('.') ? line[1..] : line) + "\r\n";
        }

        return null;
    }

    /// <summary>Every line end, whatever it was, is CRLF; the last line has one.</summary>
    public static string Normalized(string text)
    {
        string lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Replace("\n", "\r\n", StringComparison.Ordinal);
        return lines.Length == 0 || lines.EndsWith('\n') ? lines : lines + "\r\n";
    }

    public static bool HasLone(string text) => text.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().ContainsAny('\r', '\n');

    /// <summary>Takes content up to its end, and then what stands behind it as commands.</summary>
    /// <param name="wire">What the client sends behind the 354. Nothing follows it.</param>
    public void Take(string wire)
    {
        if (TakeMessage(wire) is not var (message, behind))
        {
            return;
        }

        if (rejects && HasLone(message))
        {
            Answer("550", isLast: true);
            return;
        }

        Messages.Add(Lines(message));
        Answer("250");
        Obey(behind);
    }

    /// <summary>Each lone CR or LF ends a line, as CRLF does.</summary>
    private static string Lines(string message) => string.Concat(
        message.Split("\r\n")[..^1].Select(line => line.Replace('\r', '\n').Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n"));

    private void Obey(string commands)
    {
        bool hasSender = false, hasRecipient = false;
        while (commands.IndexOf('\n', StringComparison.Ordinal) is var end and >= 0 && !HangsUp)
        {
            string line = commands[..end];
            commands = commands[(end + 1)..];
            bool isBare = !line.EndsWith('\r');
            line = isBare ? line : line[..^1];
            switch (line)
            {
                case var _ when line.Contains('\r', StringComparison.Ordinal) || (isBare && rejects):
                    Answer("500", isLast: true);
                    break;
                case "MAIL FROM:<evil@example.net>":
                    Answer("250");
                    hasSender = true;
                    break;
                case "RCPT TO:<victim@example.com>":
                    Answer(hasSender ? "250" : "503");
                    hasRecipient = hasSender;
                    break;
                case "DATA" when hasRecipient:
                    Answer("354");
                    Take(commands);
                    return;
                case "DATA":
                    // Its content is there already, and is not obeyed.
                    Answer("503");
                    Answer("554", isLast: true);
                    break;
                default:
                    Answer("500");
                    break;
            }
        }
    }

    private void Answer(string code, bool isLast = false)
    {
        Replies += code + " ";
        HangsUp = isLast;
    }
}
