using System.Globalization;
using System.Text;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Foreign;

/// <summary>The relay as a process between programs that nobody here wrote: what arrives at Postfix is what was sent.</summary>
[Collection(nameof(ForeignPrograms))]
public sealed class ForeignClientsTests(ForeignFixture foreign) : IDisposable
{
    private const int Sighup = 1;
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Clients => [.. MailClient.All.Select(client => client.Name)];

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task What_a_foreign_client_sends_arrives_octet_for_octet(string name)
    {
        MailClient client = MailClient.All.Single(client => client.Name == name);
        await Task.WhenAll(Letter.Names.Select(async letter =>
        {
            string recipient = $"{letter}.{name}@example.net";
            string file = _folder.Write(letter, "");
            await File.WriteAllBytesAsync(file, Letter.Octets(letter));

            await client.SendAsync(foreign.RelayPort, "sender@example.org", recipient, file);

            CapturedMessage arrived = await foreign.Postfix.Mail.WaitForAsync(recipient);
            Assert.Equal("sender@example.org", arrived.Sender);
            string added = Letter.AssertSame(
                [.. Letter.Octets(letter), .. Encoding.ASCII.GetBytes(client.Adds)], arrived.Octets, $"{letter} from {name}", "Received: from relay.test ", "Received: from ");
            Assert.Matches(@"\tby relay\.test \(RelayProxy\) with E?SMTP id [0-9A-Z]{13}\n", added);
        }));
    }

    [Fact]
    public async Task Of_many_messages_at_once_each_arrives_once()
    {
        const int messages = 300;

        // -N puts the number of the message before the recipient.
        await Programs.RunAsync(
            "smtp-source", "-s", "10", "-m", messages.ToString(CultureInfo.InvariantCulture), "-l", "4000", "-N", "-f", "bulk@example.org", "-t", "bulk@example.net",
            $"inet:127.0.0.1:{foreign.RelayPort}");

        string[] recipients = [.. Enumerable.Range(1, messages).Select(number => string.Create(CultureInfo.InvariantCulture, $"{number}bulk@example.net"))];
        foreach (string recipient in recipients)
        {
            await foreign.Postfix.Mail.WaitForAsync(recipient);
        }

        Assert.All(recipients, recipient => Assert.Single(foreign.Postfix.Mail.For(recipient)));
    }

    [Fact]
    public async Task Of_what_Postfix_offers_the_relay_uses_the_strongest()
    {
        await MailClient.All[0].SendAsync(foreign.RelayPort, "sender@example.org", "strongest@example.net", _folder.Write("message", "Subject: login\n\n"));
        await foreign.Postfix.Mail.WaitForAsync("strongest@example.net");

        Assert.Contains("sasl_method=SCRAM-SHA-256, ", foreign.Postfix.Log, StringComparison.Ordinal);
        Assert.DoesNotMatch("sasl_method=(?!SCRAM-SHA-256, )", foreign.Postfix.Log);
    }

    [Fact]
    public async Task A_password_that_Postfix_refuses_holds_the_mail_and_bounces_nothing()
    {
        const string recipient = "held@example.net";
        int refusedBefore = RefusedLogins();
        await using RelayProcess relay = await RelayProcess.StartAsync(_folder["queue"], foreign.Postfix.SettingsFor(_folder, password: "expired"));
        await MailClient.All[0].SendAsync(relay.EndPoint.Port, "sender@example.org", recipient, _folder.Write("message", "Subject: held\n\n"));

        Assert.Contains(" status=deferred (535 5.7.8 ", await relay.WaitForLineAsync($"to=<{recipient}>"), StringComparison.Ordinal);
        (_, string queue, _) = await RelayProcess.RunAsync("queue", "list", $"--Queue:Path={_folder["queue"]}");
        Assert.Contains(recipient, queue, StringComparison.Ordinal);
        Assert.Equal(refusedBefore + 1, RefusedLogins());

        foreign.Postfix.SettingsFor(_folder);
        relay.Signal(Sighup);
        await foreign.Postfix.Mail.WaitForAsync(recipient);
        await relay.WaitForLineAsync(" status=delivered (250 2.0.0 Ok: queued as ");

        Assert.Single(foreign.Postfix.Mail.For(recipient));
        Assert.Empty(foreign.Postfix.Mail.For("sender@example.org"));
    }

    public void Dispose() => _folder.Dispose();

    private int RefusedLogins() => foreign.Postfix.Log.Split('\n').Count(line => line.Contains("authentication failed", StringComparison.Ordinal));
}
