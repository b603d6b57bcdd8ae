using System.Text;
using RelayProxy.Mail;
using RelayProxy.Rewrite;
using RelayProxy.Submission;

namespace RelayProxy.Commands.Sendmail;

/// <summary><c>-bv</c> and <c>-bt</c>: who would get mail for an address, a line each. <c>aliases lookup</c> says why as well.</summary>
internal sealed class VerifyWork(string? file, Caller caller, CommandContext context)
{
    private readonly Rewriter _rewriter = NameSettings.Rewriter(NameSettings.Require(context.ReadConfiguration(file)), context.Clock);
    private int _result = ExitCode.Ok;

    /// <returns>An <see cref="ExitCode"/>: 67 if one would be refused.</returns>
    /// <exception cref="SubmissionException">One is no address.</exception>
    public int Verify(IReadOnlyList<string> words)
    {
        foreach (Mailbox mailbox in AddressArguments.Read(words))
        {
            Verify(mailbox);
        }

        return _result;
    }

    /// <summary>The same of what stands on standard input.</summary>
    public int Test()
    {
        using var lines = new StreamReader(caller.Input, Encoding.UTF8);
        while (lines.ReadLine() is { } line)
        {
            try
            {
                Verify([line]);
            }
            catch (SubmissionException trouble)
            {
                caller.Say(trouble.Message);
                _result = trouble.ExitCode;
            }
        }

        return _result;
    }

    private void Verify(Mailbox mailbox)
    {
        RecipientExpansion expansion = _rewriter.Recipient(new Recipient(mailbox), hasSender: true);
        if (expansion.Refusal is { } refusal)
        {
            _result = ExitCode.NoUser;
            caller.Say($"{mailbox}... {refusal}");
        }
        else
        {
            caller.Say($"{mailbox}... deliverable: {AliasWays.Goal(expansion)}");
        }
    }
}
