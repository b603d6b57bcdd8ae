using RelayProxy.Harness;

namespace RelayProxy.Integration.Callers;

/// <summary>Programs that hand mail to sendmail, by the command line each of them uses and the octets it writes: what it wants is what happens.</summary>
public sealed class CallersTests(SendmailUnderTest sendmail) : IClassFixture<SendmailUnderTest>
{
    private static readonly Caller[] s_callers = [.. CronCallers.All, .. ReportCallers.All, .. MailPrograms.All, .. LibraryCallers.All, .. ForwardCallers.All];

    /// <summary>Intake adds these where they are missing; each time others.</summary>
    private static readonly string[] s_generated = ["Date", "Message-ID"];

    public static TheoryData<string> Names => [.. s_callers.Select(caller => caller.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Its_mail_arrives_as_it_was_meant(string name)
    {
        Caller caller = s_callers.Single(caller => caller.Name == name);

        (int exitCode, string output, string error) = await sendmail.RunAsync(caller.InputOctets, caller.ArgumentList);

        Assert.Equal((0, "", ""), (exitCode, output, error));
        CapturedMail mail = await sendmail.Smarthost.NextMailAsync();
        Assert.Equal(caller.ExpectedSender, mail.Sender);
        Assert.Equal(caller.ExpectedRecipients, mail.Recipients);
        Assert.All(caller.Parameters.Split(' '), parameter => Assert.Contains(parameter, $"{mail.MailCommand} {mail.RcptCommands[0]}", StringComparison.Ordinal));
        Assert.DoesNotContain("SMTPUTF8", mail.MailCommand, StringComparison.Ordinal);
        AssertHeader(caller, HeaderOf(mail.Text));
        Assert.Equal(caller.Body is null ? BodyOf(Sequences.Text(caller.InputOctets)) : Sequences.Text(Caller.Octets(caller.Body)), BodyOf(mail.Text));
        Assert.EndsWith("\r\n", mail.Text, StringComparison.Ordinal);
    }

    /// <summary>What is not told of as changed is there, in its order, and nothing else is; but for what everybody gets.</summary>
    private static void AssertHeader(Caller caller, string[] arrived)
    {
        string[] written = HeaderOf(Sequences.Text(caller.InputOctets));
        string[] received = [.. arrived.Take(1), .. arrived.Skip(1).TakeWhile(line => line.StartsWith('\t'))];
        Assert.StartsWith("Received: from ", received[0], StringComparison.Ordinal);
        List<string> rest = [.. arrived[received.Length..]];
        foreach (string name in s_generated)
        {
            int at = rest.FindIndex(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase));
            Assert.True(at >= 0, $"No {name}: {string.Join('\n', rest)}");
            if (!written.Any(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)))
            {
                rest.RemoveAt(at);
            }
        }

        foreach (string line in caller.Added)
        {
            Assert.True(rest.Remove(line), $"Not there: {line}\nThere is:\n{string.Join('\n', rest)}");
        }

        List<string> expected = [.. written];
        foreach (string line in caller.Gone)
        {
            Assert.True(expected.Remove(line), $"Was not written: {line}");
        }

        Assert.Equal(expected, rest);
    }

    private static string[] HeaderOf(string message) => [.. Caller.LinesOf(message).TakeWhile(line => line.Length > 0)];

    /// <summary>Its lines, none behind the last line end.</summary>
    private static string BodyOf(string message) =>
        string.Join('\n', Caller.LinesOf(message.EndsWith('\n') ? message[..^1] : message).SkipWhile(line => line.Length > 0).Skip(1));
}
