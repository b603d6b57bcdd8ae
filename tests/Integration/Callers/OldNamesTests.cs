using System.Text;
using RelayProxy.Harness;
using RelayProxy.Mail;

namespace RelayProxy.Integration.Callers;

/// <summary>The program called <c>mailq</c>, <c>newaliases</c> and <c>rmail</c>. What they print stands in the transcripts.</summary>
public sealed class OldNamesTests(SendmailUnderTest sendmail) : IClassFixture<SendmailUnderTest>
{
    private static readonly byte[] s_byUucp = Encoding.ASCII.GetBytes(
        "From carl Sun Nov 22 05:00:00 2026 remote from relay\n>From carl Sun Nov 22 04:58:12 2026 remote from host.example.com\nSubject: by UUCP\n\nhello\n");

    [Fact]
    public async Task Mailq_lists_what_waits()
    {
        const string other = "mkdir -m 700 other; export RELAYPROXY_Queue__Path=$PWD/other RELAYPROXY_Listener__Endpoints=127.0.0.1:1";

        (int exit, string output, string error) = await sendmail.RunShellAsync($"{other}; echo hello | sendmail ops@example.net; mailq -Ac");

        Assert.Equal((ExitCode.Ok, ""), (exit, error));
        Assert.StartsWith("-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n", output, StringComparison.Ordinal);
        Assert.EndsWith("                                         ops@example.net\n\n-- 0 Kbytes in 1 Request.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Newaliases_tells_every_mistake_with_its_place_apart_from_what_it_prints()
    {
        string aliases = sendmail.Folder.Write("aliases", "root: ann@example.net\na: b\nb: a\n");

        (int exit, string output, string error) = await sendmail.RunShellAsync($"newaliases --Rewrite:AliasFile={aliases}");

        Assert.Equal(ExitCode.DataError, exit);
        Assert.StartsWith($"{aliases}: 3 aliases, ", output, StringComparison.Ordinal);
        Assert.Equal(
            [$"newaliases: {aliases}:2:4: b: 550 5.4.6 The aliases of this name go in a circle", $"newaliases: {aliases}:3:4: a: 550 5.4.6 The aliases of this name go in a circle"],
            error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task What_came_by_UUCP_is_handed_on_with_its_sender()
    {
        Assert.Equal((ExitCode.Ok, "", ""), await sendmail.RunShellAsync("rmail ops@example.net 'hub!example.org!jo'", s_byUucp));

        CapturedMail mail = await sendmail.Smarthost.NextMailAsync();
        Assert.Equal("carl@host.example.com", mail.Sender);
        Assert.Equal(["ops@example.net", "jo@example.org"], mail.Recipients);
        Assert.Contains("\r\nSubject: by UUCP\r\n", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("remote from", mail.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Queue:Path=/tmp/other")]
    [InlineData("--config=/tmp/other.json")]
    [InlineData("--dma=/tmp/other.conf")]
    [InlineData("-C/tmp/other.cf")]
    [InlineData("-t")]
    public async Task What_another_machine_names_is_never_a_setting_of_this_one(string word)
    {
        (int exit, _, string error) = await sendmail.RunShellAsync($"rmail ops@example.net {word}", s_byUucp);

        Assert.Equal((ExitCode.Usage, "rmail: a recipient cannot begin with -; nothing was sent\n"), (exit, error));
    }
}
