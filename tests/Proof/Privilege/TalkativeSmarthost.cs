using System.Text;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Privilege;

/// <summary>A smarthost that repeats the login in whatever it says, as it came and as it is meant, from AUTH to the last reply.</summary>
internal sealed class TalkativeSmarthost : IAsyncDisposable
{
    private readonly List<string> _heard = [];
    private string _login = "";

    public TalkativeSmarthost()
    {
        Smarthost = new FakeSmarthost
        {
            Offers = ["PIPELINING", "SIZE 52428800", "AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256 XOAUTH2 OAUTHBEARER"],
            OnAuth = LogIn,
            OnMail = _ => Repeating("250 2.1.0"),
            OnRcpt = step => Repeating(
                step.Line.Contains("bounce@", StringComparison.Ordinal) ? "550 5.1.1"
                : step.Line.Contains("defer@", StringComparison.Ordinal) ? "451 4.3.0"
                : "250 2.1.5"),
            OnEndOfData = _ => Repeating("250 2.0.0"),
            OnRset = _ => Repeating("250 2.0.0"),
        };
        Smarthost.Listen();
    }

    public FakeSmarthost Smarthost { get; }

    /// <summary>Whether a login is welcome.</summary>
    public bool IsWelcome { get; set; } = true;

    /// <summary>The password or the token of the next login, which some servers repeat though they were only shown a proof of it.</summary>
    public string Secret { get; set; } = "";

    public ValueTask DisposeAsync() => Smarthost.DisposeAsync();

    private FakeAnswer LogIn(FakeStep step)
    {
        string[] words = step.Line.Split(' ');
        if (words[0] == "AUTH")
        {
            _heard.Clear();
            _login = words[1];
        }

        if (words[0] != "AUTH" || words.Length > 2)
        {
            _heard.Add(words[^1]);
        }

        string? question = (_login, _heard.Count) switch
        {
            ("LOGIN", 0) => "Username:",
            ("LOGIN", 1) => "Password:",
            ("CRAM-MD5", 0) => "<1896.697170952@smarthost.test>",
            ("XOAUTH2" or "OAUTHBEARER", 1) when !IsWelcome => $$"""{"status":"invalid_token {{Secret}} {{Secret[..14]}}","scope":"for {{Secret[5..]}}"}""",
            _ => null,
        };
        return question is not null ? "334 " + Convert.ToBase64String(Encoding.ASCII.GetBytes(question))
            : Repeating(IsWelcome ? "235 2.7.0" : "535 5.7.8");
    }

    private FakeAnswer Repeating(string reply)
    {
        string status = reply[..3] + "-" + reply[4..];
        string[] said = [.. _heard.SelectMany(line => new[] { line, Meant(line) })];
        return FakeAnswer.Reply(string.Join('\n', [.. said.Select(line => $"{status} you said {line}"), $"{status} your secret is {Secret}", $"{reply} so be it"]));
    }

    private static string Meant(string base64)
    {
        byte[] octets = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, octets, out int length)
            ? string.Concat(Encoding.Latin1.GetString(octets, 0, length).Select(letter => letter is >= ' ' and <= '~' ? letter : ' '))
            : base64;
    }
}
