using System.Globalization;
using System.Text;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Callers;

/// <summary>What strangers write into web forms reaches sendmail's arguments and text. None of it makes recipients, files or settings.</summary>
public sealed class HostileCallersTests(SendmailUnderTest sendmail) : IClassFixture<SendmailUnderTest>
{
    private static readonly byte[] s_letter = "Subject: x\n\nHello\n"u8.ToArray();

    [Theory]
    [InlineData("\r\n\r\n")]
    [InlineData("\n\n")]
    [InlineData("\r\n\n")]          // PHP's header over a body that begins with an LF
    [InlineData("\n\r\n")]
    [InlineData("\r\r\n\r\r\n")]    // CRLF that somebody has taken for LF
    [InlineData("\r\n \t\r\n")]
    [InlineData("\n \n")]
    public async Task What_stands_behind_the_header_however_it_ends_is_text(string end)
    {
        byte[] text = Encoding.ASCII.GetBytes($"To: bob@example.net\r\nSubject: form{end}Bcc: victim@example.com\nTo: victim@example.com\r\nCc: victim@example.com\r\n");

        Assert.Equal((0, "", ""), await sendmail.RunAsync(text, "-t", "-i"));

        CapturedMail mail = await sendmail.Smarthost.NextMailAsync();
        Assert.Equal(["bob@example.net"], mail.Recipients);
        Assert.Contains("\r\nBcc: victim@example.com\r\nTo: victim@example.com\r\n", mail.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Subject: form\rBcc: victim@example.com")]
    [InlineData("Subject: form\r\r\rBcc: victim@example.com")]
    [InlineData("Subject: form\n Bcc: victim@example.com")]
    [InlineData("Subject: form\u0085Bcc: victim@example.com")]
    [InlineData("Subject: form\u2028Bcc: victim@example.com")]
    [InlineData("Subject: form\vBcc: victim@example.com")]
    public async Task What_is_no_line_end_begins_no_field(string subject)
    {
        Assert.Equal((0, "", ""), await sendmail.RunAsync(Encoding.UTF8.GetBytes($"To: bob@example.net\n{subject}\n\nHello\n"), "-t", "-i"));

        CapturedMail mail = await sendmail.Smarthost.NextMailAsync();
        Assert.Equal(["bob@example.net"], mail.Recipients);
        Assert.DoesNotMatch("(^|[\r\n])Bcc:", mail.Text);
    }

    [Theory]
    [InlineData("attacker -X{folder}/x.php -oQ{folder}")]
    [InlineData("attacker@example.com -X{folder}/x.php")]
    [InlineData("\"attacker -X{folder}/x.php\"@example.com>")]
    [InlineData("a@example.com>\r\nRCPT TO:<victim@example.com")]
    [InlineData("a@example.com\nvictim@example.com")]
    [InlineData("a@example.com, victim@example.com")]
    [InlineData("<a@example.com> victim@example.com")]
    public async Task A_sender_that_is_more_than_one_address_is_none(string sender)
    {
        string folder = Directory.CreateDirectory(sendmail.Folder["www"]).FullName;

        (int exitCode, _, string error) = await sendmail.RunAsync(s_letter, "-t", "-i", "-f" + sender.Replace("{folder}", folder, StringComparison.Ordinal), "bob@example.net");

        Assert.Equal(65, exitCode);
        Assert.StartsWith("sendmail: \"", error, StringComparison.Ordinal);
        Assert.EndsWith("\" is no address; nothing was sent\n", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    /// <summary>What made programs out of mail at sendmail, Exim and Postfix.</summary>
    [Theory]
    [InlineData("-X{folder}/x.php")]
    [InlineData("-X", "{folder}/x.php")]
    [InlineData("-oQ{folder}", "-D{folder}/x.php")]
    [InlineData("-OQueueDirectory={folder}", "-X{folder}/x.php", "-OLogLevel=99")]
    [InlineData("-C{folder}/sendmail.cf")]
    [InlineData("-C", "/etc/passwd", "-d0.1")]
    [InlineData("-be", "${{run{{/bin/touch {folder}/x}}}}")]
    [InlineData("-oMrx", "-M", "x", "-p", "ESMTP:x")]
    [InlineData("--Queue:Path={folder}")]
    [InlineData("--config={folder}/x.json")]
    [InlineData("--config", "{folder}/x.json")]
    public async Task An_argument_that_wrote_or_read_files_elsewhere_does_neither(params string[] arguments)
    {
        string folder = Directory.CreateDirectory(sendmail.Folder["www"]).FullName;

        (int exitCode, string output, _) = await sendmail.RunAsync(
            "To: bob@example.net\nSubject: <?php phpinfo(); ?>\n\nHello\n"u8.ToArray(),
            ["-t", "-i", "-fattacker@example.com", .. arguments.Select(argument => argument.Replace("{folder}", folder, StringComparison.Ordinal)), "--"]);

        // What is no flag here is a recipient, and nobody's name.
        Assert.Contains(exitCode, new[] { 0, 67 });
        Assert.Equal("", output);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        CapturedMail mail = await sendmail.Smarthost.NextMailAsync();
        Assert.Equal("attacker@example.com", mail.Sender);
        Assert.Equal(["bob@example.net"], mail.Recipients);
    }

    [Theory]
    [InlineData("-t@example.net")]
    [InlineData("-oQ/tmp@example.net")]
    [InlineData("--config@example.net")]
    [InlineData("--@example.net")]
    public async Task Behind_two_dashes_there_are_only_recipients(string recipient)
    {
        Assert.Equal((0, "", ""), await sendmail.RunAsync(s_letter, "-i", "--", recipient));

        Assert.Equal([recipient], (await sendmail.Smarthost.NextMailAsync()).Recipients);
    }

    [Theory]
    [InlineData("bob@example.net>\r\nRCPT TO:<victim@example.com")]
    [InlineData("bob@example.net> <victim")]
    [InlineData("\u0001bob@example.net")]
    [InlineData("bob@exam ple.net,@")]
    public async Task A_recipient_that_is_no_address_stops_the_message(string recipient)
    {
        (int exitCode, _, string error) = await sendmail.RunAsync(s_letter, "-i", "carol@example.net", recipient);

        Assert.Equal(65, exitCode);
        Assert.Contains("is no address; nothing was sent", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"-i ""$(printf 'r\351n\351@example.net')""")]
    [InlineData(@"-i -f ""$(printf 'r\351n\351@example.net')"" bob@example.net")]
    public async Task An_address_that_is_not_UTF_8_is_not_guessed_at(string arguments)
    {
        (int exitCode, _, string error) = await sendmail.RunShellAsync($"sendmail {arguments}", s_letter);

        Assert.Equal((65, "sendmail: \"r\uFFFDn\uFFFD@example.net\" is no address; nothing was sent\n"), (exitCode, error));
    }

    [Fact]
    public async Task Of_thousands_of_recipients_each_gets_it_once()
    {
        string[] recipients = [.. Enumerable.Range(1, 2_000).Select(number => string.Create(CultureInfo.InvariantCulture, $"r{number}@example.net"))];

        Assert.Equal((0, "", ""), await sendmail.RunAsync(s_letter, ["-i", "--", .. recipients, .. recipients]));

        var got = new List<string>();
        while (got.Count < recipients.Length)
        {
            got.AddRange((await sendmail.Smarthost.NextMailAsync()).Recipients);
        }

        Assert.Equal(recipients.Order(), got.Order());
    }

    [Fact]
    public async Task A_header_is_as_long_as_a_MiB_and_no_longer()
    {
        const string field = "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
        string fields = string.Concat(Enumerable.Repeat(field, (1024 * 1024 / field.Length) + 1));

        (int exitCode, _, string error) = await sendmail.RunAsync(Encoding.ASCII.GetBytes($"To: bob@example.net\r\n{fields}\r\nHello\r\n"), "-t");
        Assert.Equal((65, "sendmail: the header section is longer than 1 MiB; an empty line must stand between it and the text\n"), (exitCode, error));

        Assert.Equal((0, "", ""), await sendmail.RunAsync(Encoding.ASCII.GetBytes($"To: bob@example.net\r\n{fields[(10 * field.Length)..]}\r\nHello\r\n"), "-t"));
        Assert.EndsWith("\r\nHello\r\n", (await sendmail.Smarthost.NextMailAsync()).Text, StringComparison.Ordinal);
    }
}
