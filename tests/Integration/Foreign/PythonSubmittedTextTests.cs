using System.Text;
using System.Text.Json;
using RelayProxy.Harness;
using RelayProxy.Submission.Text;

namespace RelayProxy.Integration.Foreign;

/// <summary>Awkward texts as programs hand them to sendmail, and what Python's email module reads in the messages made of them.</summary>
public sealed class PythonSubmittedTextTests : IDisposable
{
    private const string Read = """
        import email, email.policy, json, sys
        message = email.message_from_bytes(open(sys.argv[1], 'rb').read(), policy=email.policy.SMTP)
        print(json.dumps({
            'names': message.keys(),
            'from': str(message['From'] or ''),
            'to': str(message['To'] or ''),
            'text': message.get_content().replace('\r\n', '\n') if message.get_content_maintype() == 'text' else '',
            'defects': [str(defect) for defect in message.defects],
        }))
        """;

    /// <summary>As Python writes it out, decoded.</summary>
    private const string Author = "\"J\u00fcrgen Q.\" <root@y>";

    private static readonly string s_long = new string('l', 75) + ". From . " + new string('=', 1000) + " \u00fc\u65e5 ";

    private readonly TemporaryFolder _folder = new();

    // The text; whom Python finds as author and recipient; the text that it finds.
    public static TheoryData<string, string, string, string> Texts => new()
    {
        { "To: a@x\r\nSubject: PHP\r\n\r\nBcc: evil@x\nFrom: evil@x\n", Author, "a@x", "Bcc: evil@x\nFrom: evil@x\n" },
        { "From ann Mon Nov 22 12:00:00 2026\nTo: Team: \"B, C\" <b@x>;\n\n>From me\n.\n", Author, "Team: \"B, C\" <b@x>;", ">From me\n.\n" },
        { "From: ann@x\nTo: b@x\nno empty line\n", "ann@x", "b@x", "no empty line\n" },
        { "no header: none\n", Author, "", "no header: none\n" },
        { "To: b@x\n\nGr\u00fc\u00dfe\nohne Ende", Author, "b@x", "Gr\u00fc\u00dfe\nohne Ende\n" },
        { $"To: b@x\n\n{s_long}\n.\nFrom \t\n{s_long}", Author, "b@x", $"{s_long}\n.\nFrom \t\n{s_long}\n" },
        { $"To: b@x\nContent-Type: text/html; charset=utf-8\n\n{s_long}\n", Author, "b@x", $"{s_long}\n" },
        { $"To: {string.Join(", ", Enumerable.Range(0, 200).Select(i => $"r{i}@example.net"))}\n\nText\n",
            Author, string.Join(", ", Enumerable.Range(0, 200).Select(i => $"r{i}@example.net")), "Text\n" },
        { "To: b@x\nBcc: evil@x,\n evil@y\nResent-Bcc: evil@z\n", Author, "b@x", "" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Python_reads_what_was_meant(string text, string from, string to, string content)
    {
        await Programs.RequireAsync("python3");
        var request = new TextRequest { FullName = "J\u00fcrgen Q.", Sender = "root@y", RecipientsFromHeader = true };
        using (var submitted = SubmittedText.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), request))
        await using (FileStream message = File.Create(_folder["message"]))
        {
            submitted.WriteTo(octets => message.Write(octets));
        }

        JsonElement read = JsonDocument.Parse(await Programs.RunAsync("python3", "-c", Read, _folder["message"])).RootElement;

        Assert.Equal("[]", read.GetProperty("defects").GetRawText());
        Assert.Equal((from, to), (read.GetProperty("from").GetString(), read.GetProperty("to").GetString()));
        Assert.Equal(content, read.GetProperty("text").GetString());
        Assert.DoesNotContain(read.GetProperty("names").EnumerateArray(), name => name.GetString()!.EndsWith("Bcc", StringComparison.OrdinalIgnoreCase));
        Assert.All(await File.ReadAllLinesAsync(_folder["message"], Encoding.Latin1, TestContext.Current.CancellationToken), line => Assert.True(line.Length <= 998));
    }

    public void Dispose() => _folder.Dispose();
}
