using System.Text;

namespace RelayProxy.Commands.Demo;

/// <summary>The server's side of AUTH PLAIN and AUTH LOGIN (RFC 4954), one line in, one reply out.</summary>
internal sealed class DemoAuthentication(DemoLogin? login)
{
    private Step _step;
    private string _username = "";

    private enum Step
    {
        None,
        PlainResponse,
        LoginUsername,
        LoginPassword,
        Done,
    }

    public bool IsDone => _step is Step.Done;

    /// <summary>The next line is no command but a part of the exchange.</summary>
    public bool IsUnderWay => _step is Step.PlainResponse or Step.LoginUsername or Step.LoginPassword;

    /// <summary>The command with its initial response left out.</summary>
    public static string Redact(string line)
    {
        string[] words = line.Split(' ', 3);
        return words.Length < 3 ? line : $"{words[0]} {words[1]} (secret)";
    }

    public ReadOnlySpan<byte> Begin(string line)
    {
        string[] words = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        string mechanism = words.Length > 1 ? words[1].ToUpperInvariant() : "";
        switch (mechanism, words.Length)
        {
            case ("PLAIN", 3):
                _step = Step.PlainResponse;
                return Answer(words[2]);
            case ("PLAIN", _):
                _step = Step.PlainResponse;
                return "334 "u8;
            case ("LOGIN", 3):
                _step = Step.LoginUsername;
                return Answer(words[2]);
            case ("LOGIN", _):
                _step = Step.LoginUsername;
                return "334 VXNlcm5hbWU6"u8; // Username:
            default:
                return "504 5.5.4 PLAIN or LOGIN"u8;
        }
    }

    public ReadOnlySpan<byte> Answer(string response)
    {
        Step step = _step;
        _step = Step.None;
        if (Decode(response) is not { } text)
        {
            return response == "*" ? "501 5.7.0 Cancelled"u8 : "501 5.5.2 Not base64"u8;
        }

        switch (step)
        {
            case Step.LoginUsername:
                _username = text;
                _step = Step.LoginPassword;
                return "334 UGFzc3dvcmQ6"u8; // Password:
            case Step.LoginPassword:
                return Check(_username, text);
            default:
                string[] parts = text.Split('\0');
                return parts.Length == 3 ? Check(parts[1], parts[2]) : "501 5.5.2 Not PLAIN"u8;
        }
    }

    private ReadOnlySpan<byte> Check(string username, string password)
    {
        if (login is not null && (username != login.Username || password != login.Password))
        {
            return "535 5.7.8 Wrong user name or password"u8;
        }

        _step = Step.Done;
        return "235 2.7.0 Welcome"u8;
    }

    private static string? Decode(string base64)
    {
        byte[] octets = new byte[base64.Length];
        return base64 == "=" ? "" : Convert.TryFromBase64String(base64, octets, out int length) ? Encoding.UTF8.GetString(octets, 0, length) : null;
    }
}
