using System.Globalization;

namespace RelayProxy.Integration.Foreign;

/// <summary>A program that sends mail, and is not ours.</summary>
/// <param name="Command">The program and its arguments; <c>PORT</c>, <c>SENDER</c>, <c>RECIPIENT</c> and <c>FILE</c> (the message, LF line ends) among
/// them are filled in.</param>
/// <param name="Adds">What it puts behind the message of its own accord.</param>
internal sealed record MailClient(string Name, string[] Command, string Adds = "")
{
    /// <summary>Line ends are its own affair: it is given octets, and sends octets.</summary>
    private const string Smtplib = """
        import smtplib, sys
        port, sender, recipient, file = sys.argv[1:]
        message = open(file, 'rb').read().replace(b'\n', b'\r\n')
        with smtplib.SMTP('127.0.0.1', int(port)) as smtp:
            smtp.sendmail(sender, [recipient], message, mail_options=['BODY=8BITMIME'])
        """;

    public static IReadOnlyList<MailClient> All { get; } =
    [
        new("smtplib", ["python3", "-c", Smtplib, "PORT", "SENDER", "RECIPIENT", "FILE"]),
        new("swaks", ["swaks", "--server", "127.0.0.1:PORT", "--from", "SENDER", "--to", "RECIPIENT", "--data", "@FILE", "--suppress-data"], Adds: "\n"),
        new("smtp-source", ["smtp-source", "-f", "SENDER", "-t", "RECIPIENT", "-F", "FILE", "inet:127.0.0.1:PORT"], Adds: "\n"),
        new("curl", ["curl", "-sS", "--crlf", "smtp://127.0.0.1:PORT", "--mail-from", "SENDER", "--mail-rcpt", "RECIPIENT", "--upload-file", "FILE"]),
    ];

    /// <summary>Sends a file to one recipient, and fails if the program says that it could not.</summary>
    public Task SendAsync(int port, string sender, string recipient, string file)
    {
        string[] command =
        [
            .. Command.Select(argument => argument
                .Replace("PORT", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace("SENDER", sender, StringComparison.Ordinal)
                .Replace("RECIPIENT", recipient, StringComparison.Ordinal)
                .Replace("FILE", file, StringComparison.Ordinal)),
        ];
        return Programs.RunAsync(command[0], command[1..]);
    }

    public override string ToString() => Name;
}
