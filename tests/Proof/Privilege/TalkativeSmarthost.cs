using System.Collections.Concurrent;
using System.Text;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Privilege;

/// <summary>A smarthost that repeats the login in whatever it says, as it came and as it is meant, from AUTH to the last reply.</summary>
internal sealed class TalkativeSmarthost : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, Login> _logins = new();

    public TalkativeSmarthost()
    {
        Smarthost = new FakeSmarthost
        {
            Offers = ["PIPELINING", "SIZE 52428800", "AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256 XOAUTH2 OAUTHBEARER"],
            OnAuth = LogIn,
            OnMail = step => Repeating(step, "250 2.1.0"),
            OnRcpt = step => Repeating(
                step,
                step.Line.Contains("bounce@", StringComparison.Ordinal) ? "550 5.1.1"
                : step.Line.Contains("defer@", StringComparison.Ordinal) ? "451 4.3.0"
                : "250 2.1.5"),
            OnEndOfData = step => Repeating(step, "250 2.0.0"),
            OnRset = step => Repeating(step, "250 2.0.0"),
        };
        Smarthost.Listen();
    }

    public FakeSmarthost Smarthost { get; }

    /// <summary>Whether a login is welcome.</summary>
    public bool IsWelcome { get; set; } = true;

    /// <summary>The password of the next login that only proves to know it (CRAM-MD5, SCRAM), and that some server repeats all the same.</summary>
    public string Secret { get; set; } = "";

    public ValueTask DisposeAsync() => Smarthost.DisposeAsync();

    private FakeAnswer LogIn(FakeStep step)
    {
        string[] words = step.Line.Split(' ');
        if (words[0] == "AUTH")
        {
            _logins[step.Session] = new Login(words[1], Secret, []);
        }

        Login login = _logins[step.Session];
        (string mechanism, List<string> heard) = (login.Mechanism, login.Heard);

        if (words[0] != "AUTH" || words.Length > 2)
        {
            heard.Add(words[^1]);
        }

        string? question = (mechanism, heard.Count) switch
        {
            ("LOGIN", 0) => "Username:",
            ("LOGIN", 1) => "Password:",
            ("CRAM-MD5", 0) => "<1896.697170952@smarthost.test>",
            ("XOAUTH2" or "OAUTHBEARER", 1) when !IsWelcome => $$"""{"status":"invalid_token {{login.Secret}} {{login.Secret[..14]}}","scope":"for {{login.Secret[5..]}}"}""",
            _ => null,
        };
        return question is not null ? "334 " + Convert.ToBase64String(Encoding.ASCII.GetBytes(question))
            : Repeating(step, IsWelcome ? "235 2.7.0" : "535 5.7.8");
    }

    private FakeAnswer Repeating(FakeStep step, string reply)
    {
        Login login = _logins[step.Session];
        string status = reply[..3] + "-" + reply[4..];
        string[] said = [.. login.Heard.SelectMany(line => new[] { line, Meant(line) })];
        return FakeAnswer.Reply(string.Join('\n', [.. said.Select(line => $"{status} you said {line}"), $"{status} your secret is {login.Secret}", $"{reply} so be it"]));
    }

    /// <param name="Heard">The lines that followed AUTH, and what stood behind it.</param>
    private sealed record Login(string Mechanism, string Proved, List<string> Heard)
    {
        /// <summary>What was said, where it was said; a relay that is being told of another may still use the one before.</summary>
        public string Secret => Mechanism switch
        {
            "PLAIN" => Meant(Heard[0]).Split(' ')[^1],
            "LOGIN" => Meant(Heard[^1]),
            "XOAUTH2" or "OAUTHBEARER" => Meant(Heard[0]).Split("Bearer ")[1].TrimEnd(),
            _ => Proved,
        };
    }

    private static string Meant(string base64)
    {
        byte[] octets = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, octets, out int length)
            ? string.Concat(Encoding.Latin1.GetString(octets, 0, length).Select(letter => letter is >= ' ' and <= '~' ? letter : ' '))
            : base64;
    }
}
