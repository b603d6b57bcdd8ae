using System.Diagnostics;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Callers;

/// <summary>Programs that speak SMTP to a sendmail of their own (<c>-bs</c>), one command at a time, as these two of Debian 12 do.</summary>
public sealed class StandardStreamsTests(SendmailUnderTest sendmail) : IClassFixture<SendmailUnderTest>
{
    /// <summary>php-symfony-mailer 5.4, sendmail://default. It says HELO to whoever it starts itself.</summary>
    private const string Symfony = """
        S: 220 relay.test ESMTP
        C: HELO [127.0.0.1]
        S: 250 relay.test
        C: MAIL FROM:<shop@example.org>
        S: 250 2.1.0 Sender ok
        C: RCPT TO:<bob@example.net>
        S: 250 2.1.5 Recipient ok
        C: RCPT TO:<carol@example.net>
        S: 250 2.1.5 Recipient ok
        C: DATA
        S: 354 End the message with CRLF.CRLF
        C: From: shop@example.org
        C: To: bob@example.net
        C: Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=
        C:
        C: ..
        C: ..dot
        C: .
        S: 250 2.0.0 Queued as ID
        C: QUIT
        S: 221 2.0.0 Goodbye
        """;

    /// <summary>alpine 2.26, whose standard error is the same pipe as its standard output.</summary>
    private const string Alpine = """
        S: 220 relay.test ESMTP
        C: EHLO localhost
        S: 250-relay.test
        S: 250-PIPELINING
        S: 250-SIZE 52428800
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250-CHUNKING
        S: 250-ENHANCEDSTATUSCODES
        S: 250 DSN
        C: MAIL FROM:<shop@example.org>
        S: 250 2.1.0 Sender ok
        C: RCPT TO:<bob@example.net>
        S: 250 2.1.5 Recipient ok
        C: RCPT TO:<carol@example.net>
        S: 250 2.1.5 Recipient ok
        C: DATA
        S: 354 End the message with CRLF.CRLF
        C: From: Ann <shop@example.org>
        C:
        C: ..
        C: ..dot
        C: .
        S: 250 2.0.0 Queued as ID
        C: QUIT
        S: 221 2.0.0 Goodbye
        """;

    [Theory]
    [InlineData("-bs", Symfony)]
    [InlineData("-bs -odb -oem", Alpine)]
    [InlineData("-bs -Z -X /dev/full -odb -oem", Alpine)]
    public async Task It_answers_as_the_relay_does_and_says_nothing_else(string arguments, string dialogue)
    {
        using var process = new Process { StartInfo = new ProcessStartInfo("sh") { RedirectStandardInput = true, RedirectStandardOutput = true } };
        process.StartInfo.ArgumentList.Add("-c");
        process.StartInfo.ArgumentList.Add($"exec {sendmail.Path} {arguments} 2>&1");
        foreach ((string name, string value) in sendmail.Environment)
        {
            process.StartInfo.Environment[name] = value;
        }

        process.Start();
        foreach (string line in dialogue.Split('\n'))
        {
            string text = line.Length > 3 ? line[3..] : "";
            if (line.StartsWith('C'))
            {
                await process.StandardInput.WriteAsync(text + "\r\n");
                await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            }
            else
            {
                Assert.StartsWith(text.Replace("ID", "", StringComparison.Ordinal), await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            }
        }

        Assert.Null(await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        CapturedMail mail = await sendmail.Smarthost.NextMailAsync();
        Assert.Equal("shop@example.org", mail.Sender);
        Assert.Equal(["bob@example.net", "carol@example.net"], mail.Recipients);
        Assert.EndsWith("\r\n\r\n.\r\n.dot\r\n", mail.Text, StringComparison.Ordinal);
    }
}
