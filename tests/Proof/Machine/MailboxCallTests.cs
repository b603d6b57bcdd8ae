using System.Text;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Machine;

/// <summary>
/// Every call on a file fails in its turn while a message goes into a mailbox of this machine: it arrives all the same when nothing fails any more, once
/// and whole, and no half of it was ever there for a reader to stay.
/// </summary>
public sealed class MailboxCallTests : IDisposable
{
    private const int MostTurns = 60;

    private static readonly ErrorNumber[] s_brief = [ErrorNumber.EIO];

    private readonly TemporaryFolder _folder = new();

    private string Mail => _folder["mail"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Mbox")]
    [InlineData("Maildir")]
    public async Task Every_call_on_a_mailbox_fails_in_its_turn(string kind)
    {
        Directory.CreateDirectory(Mail);
        foreach (ErrorNumber error in Extent.Full ? Enum.GetValues<ErrorNumber>() : s_brief)
        {
            var figures = new InjectionFigures();
            foreach (int size in Extent.Full ? [1_000, 300_000] : new[] { 1_000 })
            {
                await using var machine = new FaultyMachine(
                    null, $"Local:Delivery={kind}", $"Local:MboxFolder={Mail}", $"Local:Maildir={Mail}/%u", $"Local:Users={Environment.UserName}")
                {
                    Mailbox = (Environment.UserName, kind == "Mbox" ? ReadMbox : ReadMaildir),
                };
                await machine.StartAsync();
                int turn = 0;
                while (await new Injection("any", Mail, error, turn, 1, size).StrikesAsync(machine, figures))
                {
                    turn += Extent.Of(brief: 3, full: 1);
                    Assert.True(turn < MostTurns);
                }

                Assert.True(turn > 6, $"Only {turn} calls were on the way.");
                await Injection.EndAsync(machine);
                Directory.Delete(Mail, recursive: true);
                Directory.CreateDirectory(Mail);
            }

            figures.Note($"machine: every call on a mailbox, {kind}, {error}");
        }
    }

    private IReadOnlyList<CapturedMail> ReadMbox()
    {
        string file = Path.Combine(Mail, Environment.UserName);
        return File.Exists(file) ? [.. ReadShared(file).Split("From app@example.org ", StringSplitOptions.RemoveEmptyEntries).Where(IsWritten).Select(Letter)] : [];
    }

    private IReadOnlyList<CapturedMail> ReadMaildir()
    {
        string folder = Path.Combine(Mail, Environment.UserName, "new");
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder).Select(ReadShared).Select(Letter)] : [];
    }

    /// <summary>One that is being written has no end yet, and may be gone again.</summary>
    private static bool IsWritten(string letter) => letter.EndsWith("\n\n", StringComparison.Ordinal);

    private static string ReadShared(string file)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), Encoding.Latin1);
        return reader.ReadToEnd();
    }

    private static CapturedMail Letter(string text)
    {
        byte[] content = Encoding.Latin1.GetBytes(text.TrimEnd('\n').Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n");
        return new CapturedMail { Session = 0, MailCommand = "", RcptCommands = [], Wire = content, Content = content, User = "" };
    }
}
