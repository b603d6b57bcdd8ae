using System.Text;
using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Submission.Handing;

/// <summary>
/// The client's half of SMTP, as far as a submission on this machine needs it: one greeting, then transactions. Commands go out together where
/// the relay offers PIPELINING (RFC 2920), so that a message is four round trips.
/// </summary>
/// <param name="show">Told each line of the dialogue; <c>null</c> if nobody wants to see it.</param>
internal sealed class RelayDialogue(RelaySocket socket, Action<string>? show)
{
    // RFC 5321 §4.5.3.2, but for the greeting: the relay is on this machine.
    private const int GreetingPatience = 30 * 1000;
    private const int CommandPatience = 5 * 60 * 1000;
    private const int ContentPatience = 10 * 60 * 1000;

    /// <summary>How much goes out before its replies are read: they must find room in the socket's buffers while we still write.</summary>
    private const int BatchOctets = 16 * 1024;

    private readonly RelayReplies _replies = new(socket, show);
    private RelayOffers _offers;

    /// <summary>The greeting, and ours.</summary>
    /// <returns>What the relay said instead of a welcome; <c>null</c> if it is willing.</returns>
    /// <exception cref="RelayLostException"/>
    public RelayReply? Greet()
    {
        RelayReply reply = _replies.Read(GreetingPatience);
        if (!reply.IsSuccess)
        {
            return reply;
        }

        Say("EHLO localhost");
        socket.Flush();
        reply = _replies.Read(CommandPatience);
        _offers = EhloReply.Read(reply.Text);
        return reply.IsSuccess ? null : reply;
    }

    /// <summary>One message to some of its recipients.</summary>
    /// <param name="result">What became of it, as far as it came.</param>
    /// <exception cref="RelayLostException">If not all of the message had been sent, nothing of it was taken.</exception>
    public void Send(SubmittedMessage message, TransactionResult result)
    {
        int commands = result.Recipients.Count + 2;
        for (int said = 0, heard = 0; said < commands && result.MayGoOn(isLast: said == commands - 1);)
        {
            int octets = 0;
            do
            {
                octets += Say(Command(message, result.Recipients, said++));
            }
            while (_offers.HasFlag(RelayOffers.Pipelining) && said < commands && octets < BatchOctets);

            socket.Flush();
            for (; heard < said; heard++)
            {
                result.Hear(heard, _replies.Read(CommandPatience));
            }
        }

        if (result.WantsContent)
        {
            SendContent(message, result);
        }
    }

    /// <summary>The relay need not answer it.</summary>
    public void Quit()
    {
        Say("QUIT");
        socket.Flush();
    }

    private void SendContent(SubmittedMessage message, TransactionResult result)
    {
        var dots = new DotWriter();

        // Where nobody was accepted and the relay asks for the content nevertheless, it gets none (RFC 2920 §3.1).
        if (result.AnyAccepted)
        {
            message.Text.WriteTo(octets => dots.Write(octets, socket));
        }

        dots.Finish(socket);
        socket.Flush();
        result.IsAllSent = result.AnyAccepted && !socket.IsBroken;
        result.Final = _replies.Read(ContentPatience);
    }

    private string Command(SubmittedMessage message, IReadOnlyList<Mailbox> recipients, int number) => number switch
    {
        0 => Mail(message),
        _ when number <= recipients.Count => Rcpt(message, recipients[number - 1]),
        _ => "DATA",
    };

    private string Mail(SubmittedMessage message)
    {
        string command = "MAIL FROM:<" + message.Sender + ">";
        if (_offers.HasFlag(RelayOffers.Size))
        {
            command += " SIZE=" + Pieces.Digits(message.Text.Octets);
        }

        if (_offers.HasFlag(RelayOffers.EightBitMime) && message.Text.IsEightBit)
        {
            command += " BODY=8BITMIME";
        }

        if (_offers.HasFlag(RelayOffers.SmtpUtf8) && message.NeedsSmtpUtf8)
        {
            command += " SMTPUTF8";
        }

        if (_offers.HasFlag(RelayOffers.Dsn) && message.Return != DsnReturn.Unspecified)
        {
            command += message.Return == DsnReturn.Full ? " RET=FULL" : " RET=HDRS";
        }

        if (_offers.HasFlag(RelayOffers.Dsn) && message.EnvelopeId.Length > 0)
        {
            command += " ENVID=" + Xtext.Encode(message.EnvelopeId);
        }

        return command;
    }

    private string Rcpt(SubmittedMessage message, Mailbox recipient)
    {
        string command = "RCPT TO:<" + recipient + ">";
        return _offers.HasFlag(RelayOffers.Dsn) && message.Notify != DsnNotify.Unspecified ? command + " NOTIFY=" + Words(message.Notify) : command;
    }

    private static string Words(DsnNotify notify)
    {
        if (notify.HasFlag(DsnNotify.Never))
        {
            return "NEVER";
        }

        string words = (notify.HasFlag(DsnNotify.Success) ? "SUCCESS," : "")
            + (notify.HasFlag(DsnNotify.Failure) ? "FAILURE," : "")
            + (notify.HasFlag(DsnNotify.Delay) ? "DELAY," : "");
        return words[..^1];
    }

    /// <returns>Its octets.</returns>
    private int Say(string command)
    {
        show?.Invoke(">>> " + command);
        int room = Encoding.UTF8.GetMaxByteCount(command.Length) + 2;
        Span<byte> line = socket.GetSpan(room);
        int length = Encoding.UTF8.GetBytes(command, line);
        "\r\n"u8.CopyTo(line[length..]);
        socket.Advance(length + 2);
        return length + 2;
    }
}
