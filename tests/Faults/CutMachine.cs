using System.Globalization;
using RelayProxy.Harness;

namespace RelayProxy.Faults;

/// <summary>
/// A machine whose power may go at any moment: a relay, a program that brings it the letters that lie in a folder, and the smarthost that takes them.
/// Only what has been told on its console is known afterwards:
/// <code>
/// sent NUMBER
/// answered NUMBER REPLY
/// took MAIL|RCPT(tab)RCPT …|CONTENT|.      in Base64; before the smarthost answers
/// </code>
/// </summary>
internal sealed class CutMachine(string queue, string letters)
{
    private readonly Lock _console = new();

    public async Task RunAsync()
    {
        await using var smarthost = new FakeSmarthost
        {
            OnRcpt = step => step.Line.Contains("refused@", StringComparison.Ordinal) ? "550 5.1.1 Nobody of that name"
                : step.Line.Contains("later@", StringComparison.Ordinal) ? "450 4.2.1 Later"
                : "250 2.1.5 Ok",
            OnTaken = mail => Tell($"took {mail.MailCommand}|{string.Join('\t', mail.RcptCommands)}|{Convert.ToBase64String(mail.Content)}|."),
        };
        smarthost.Listen();
        await using RelayProcess relay = await RelayProcess.StartAsync(
            queue, [.. RelayProcess.SettingsFor(smarthost), "Queue:InlineOctets=2048", "Delivery:MaxReportsPerHour=1000000", "Rewrite:Aliases:crew=ann@example.net, bob@example.net"]);
        Tell("ready");
        await Task.WhenAll(Directory.GetFiles(letters).Order(StringComparer.Ordinal).Chunk(20).Select(files => BringAsync(relay, files)));
        await Task.Delay(Timeout.Infinite);
    }

    /// <summary>A file's name is the letter's number; its first line has the recipients, and the rest is sent as it is.</summary>
    private async Task BringAsync(RelayProcess relay, IEnumerable<string> files)
    {
        await using RawClient client = await RawClient.ConnectAsync(relay.EndPoint);
        await client.CommandAsync("EHLO test.example");
        foreach (string file in files)
        {
            string[] parts = (await File.ReadAllTextAsync(file)).Split('\n', 2);
            string number = Path.GetFileName(file);
            Tell($"sent {number}");
            string reply = await client.MailAsync("app@example.org", parts[0].Split(' '), System.Text.Encoding.ASCII.GetBytes(parts[1]));
            Tell(string.Create(CultureInfo.InvariantCulture, $"answered {number} {reply}"));
        }
    }

    /// <summary>A line at a time, on its way out of the machine when this returns.</summary>
    private void Tell(string line)
    {
        lock (_console)
        {
            Console.WriteLine(line);
        }
    }
}
