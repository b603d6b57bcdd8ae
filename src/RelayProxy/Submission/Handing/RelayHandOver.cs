using RelayProxy.Mail;

namespace RelayProxy.Submission.Handing;

/// <summary>
/// Hands a message to the relay that runs on this machine. Each recipient that is refused is told; the others get their mail.
/// </summary>
/// <param name="complain">Told what was refused, a line each.</param>
/// <param name="show">Told each line of the dialogue; <c>null</c> if nobody wants to see it.</param>
internal sealed class RelayHandOver(IReadOnlyList<RelayEndpoint> endpoints, Action<string> complain, Action<string>? show)
{
    private const string TooManyRecipients = "4.5.3";

    private List<Mailbox> _left = [];
    private int _exitCode;

    /// <summary>Who is neither taken care of nor refused.</summary>
    public IReadOnlyList<Mailbox> Left => _left;

    /// <summary>Why there are any: a clause.</summary>
    public string Why { get; private set; } = "";

    /// <summary>The relay may have taken the message for them, and could not say so any more.</summary>
    public bool MayHaveBeenTaken { get; private set; }

    /// <summary>One of <see cref="ExitCode"/>, by the first refusal.</summary>
    public int Result => _exitCode;

    public void Send(SubmittedMessage message)
    {
        _left = new List<Mailbox>(message.Recipients);

        // A relay that has heard too many unknown names hangs up: those are not named to it again.
        for (int before = int.MaxValue; _left.Count > 0 && _left.Count < before && !MayHaveBeenTaken;)
        {
            before = _left.Count;
            using RelaySocket? socket = RelaySocket.TryConnect(endpoints, out string trouble);
            if (socket is null)
            {
                Why = trouble;
                return;
            }

            Converse(new RelayDialogue(socket, show), message);
        }
    }

    private void Converse(RelayDialogue dialogue, SubmittedMessage message)
    {
        TransactionResult? result = null;
        try
        {
            if (dialogue.Greet() is { } refusal)
            {
                // Not this caller, then, now or ever: what holds at the door holds at the queue.
                if (refusal.ExitCode == ExitCode.NoPermission)
                {
                    _left = [];
                    Refuse(refusal, "");
                }

                Why = $"the relay says {refusal}";
                return;
            }

            bool goesOn = true;
            while (goesOn && _left.Count > 0)
            {
                result = new TransactionResult(_left);
                dialogue.Send(message, result);
                goesOn = result.IsTaken;
                Settle(result);
            }

            dialogue.Quit();
        }
        catch (RelayLostException fault)
        {
            Why = $"the connection to the relay is lost: {fault.Message}";
            if (result is not null)
            {
                MayHaveBeenTaken = result.IsAllSent;
                Settle(result);
            }
        }
    }

    private void Settle(TransactionResult result)
    {
        _left = [];
        if (result.Refusal is { } refusal)
        {
            Refuse(refusal, "");
            return;
        }

        for (int i = 0; i < result.Recipients.Count; i++)
        {
            switch (result.Of(i))
            {
                // In another transaction there is room again.
                case { IsSuccess: false } reply when result.AnyAccepted && reply.Text.StartsWith(TooManyRecipients, StringComparison.Ordinal):
                    _left.Add(result.Recipients[i]);
                    break;
                case { IsSuccess: false } reply:
                    Refuse(reply, $"<{result.Recipients[i]}>: ");
                    break;
                case null or { IsSuccess: true }:
                    if (!result.IsTaken)
                    {
                        _left.Add(result.Recipients[i]);
                    }

                    break;
            }
        }
    }

    private void Refuse(RelayReply reply, string whom)
    {
        _exitCode = _exitCode == ExitCode.Ok ? reply.ExitCode : _exitCode;
        complain(whom + reply);
    }
}
