using System.Text;
using RelayProxy.Harness;
using RelayProxy.Integration.Callers;

namespace RelayProxy.Integration.Foreign;

/// <summary>Other people's programs hand their mail to our sendmail; what arrives says to Python's email module what it said to them.</summary>
public sealed class SendmailCallersTests(SendmailUnderTest sendmail) : IClassFixture<SendmailUnderTest>, IDisposable
{
    /// <summary>Everything that has been known to go wrong on the way. The long line is longer than mail allows.</summary>
    private static readonly string s_text =
        $"Jürgen, 漢字, €\n.\n..\n.hidden\n\nFrom here on\n>From there\nBcc: nobody@example.com\ntrailing blank \n=3D\n{new string('x', 600)} {new string('y', 600)}\nend\n";

    /// <summary>Takes a message apart: its subject, its text, what is attached; the words of fields that must not have suffered.</summary>
    private const string Read = """
        import email, email.policy, sys
        file, folder = sys.argv[1:]
        mail = email.message_from_bytes(open(file, 'rb').read(), policy=email.policy.default)
        text = next(part for part in mail.walk() if part.get_content_maintype() == 'text')
        rest = [part for part in mail.walk() if part is not text and not part.is_multipart()]
        def write(name, octets): open(folder + '/' + name, 'wb').write(octets)
        write('subject', mail['Subject'].encode())
        write('from', mail['From'].addresses[0].addr_spec.encode())
        write('text', text.get_payload(decode=True).replace(b'\r\n', b'\n'))
        write('charset', (text.get_content_charset() or '').encode())
        write('attached', rest[0].get_payload(decode=True) if rest else b'')
        write('fields', '\n'.join(mail.keys()).encode())
        write('defects', repr([part.defects for part in mail.walk() if part.defects]).encode())
        """;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. SendmailCaller.All.Select(caller => caller.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_it_sends_arrives(string name)
    {
        SendmailCaller caller = SendmailCaller.All.Single(caller => caller.Name == name);
        await Programs.RequireAsync(caller.Needs.Split(' '));
        byte[] attachment = [.. Enumerable.Range(0, 1000).Select(number => (byte)(number * 7))];
        await File.WriteAllBytesAsync(_folder["file"], attachment, TestContext.Current.CancellationToken);
        Directory.CreateDirectory(_folder["work"]);
        Directory.CreateDirectory(_folder["read"]);

        (int status, string output) = await ChildProcess.RunAsync(
            "sh",
            ["-c", $"cd '{_folder["work"]}'\n{caller.Line}"],
            new Dictionary<string, string>(sendmail.Environment)
            {
                ["SENDMAIL"] = sendmail.Path,
                ["TEXT"] = _folder.Write("text", s_text),
                ["FILE"] = _folder["file"],
                ["PATH"] = $"{Path.GetDirectoryName(sendmail.Path)}:{Environment.GetEnvironmentVariable("PATH")}",
                ["LC_ALL"] = "C.UTF-8",
                ["HOME"] = _folder["work"],
            });

        Assert.True(status == 0, output);
        CapturedMail mail = await sendmail.Smarthost.NextMailAsync();
        Assert.Equal(caller.Sender, mail.Sender);
        Assert.DoesNotContain("SMTPUTF8", mail.MailCommand, StringComparison.Ordinal);
        Assert.Equal(["bob@example.net", "carol@example.net", "dave@example.net"], mail.Recipients.Order());
        await AssertReadsAsync(caller, mail, attachment);
        Assert.Empty(sendmail.Smarthost.Violations);
    }

    public void Dispose() => _folder.Dispose();

    private async Task AssertReadsAsync(SendmailCaller caller, CapturedMail mail, byte[] attachment)
    {
        await File.WriteAllBytesAsync(_folder["arrived"], mail.Content, TestContext.Current.CancellationToken);
        await Programs.RunAsync("python3", "-c", Read, _folder["arrived"], _folder["read"]);

        Assert.Equal(caller.Subject, Part("subject"));
        Assert.Equal("ann@example.org", Part("from"));
        Assert.Equal("utf-8", Part("charset"));
        Assert.Equal("[]", Part("defects"));
        Assert.DoesNotContain("bcc", Part("fields"), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("dave@example.net", mail.Text, StringComparison.Ordinal);
        Assert.Contains(string.Concat(s_text.TrimEnd('\n').Split('\n').Select(line => $"{caller.Margin}{line}\n")), Part("text").TrimEnd('\n') + "\n", StringComparison.Ordinal);
        if (caller.Margin.Length == 0)
        {
            Assert.Equal(s_text.TrimEnd('\n'), Part("text").TrimEnd('\n'));
        }

        Assert.Equal(caller.Attaches ? attachment : [], await File.ReadAllBytesAsync(_folder["read/attached"], TestContext.Current.CancellationToken));
    }

    private string Part(string name) => File.ReadAllText(_folder["read/" + name], Encoding.UTF8);
}
