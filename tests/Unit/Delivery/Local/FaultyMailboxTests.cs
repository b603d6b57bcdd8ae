using System.Diagnostics;
using System.Text;
using RelayProxy.Delivery.Local;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Unit.Delivery.Local;

/// <summary>Whatever fails while a message is being written: the mailbox is as it was, and nobody is told that it was delivered.</summary>
public sealed class FaultyMailboxTests : IDisposable
{
    private const string Before = "From x\nSubject: There before\n\n\n";
    private readonly TemporaryFolder _folder = new();
    private readonly TestClock _clock = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(200_000)]
    public void A_message_that_cannot_be_read_to_its_end_is_taken_back(int readable)
    {
        string mbox = _folder.Write("mbox", Before);
        using var content = new BrokenStream(new byte[readable]);

        Assert.Throws<InvalidDataException>(() => MboxFile.Append(mbox, default, Letter(), content, new Patient()));

        Assert.Equal(Before, File.ReadAllText(mbox));
        Assert.Equal(["mbox"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void What_nobody_waits_for_any_more_is_taken_back()
    {
        string mbox = _folder.Write("mbox", Before);
        var patient = new Patient();
        patient.Leave();

        Assert.Throws<PatienceEndedException>(() => MboxFile.Append(mbox, default, Letter(), new MemoryStream(new byte[10]), patient));
        Assert.Throws<PatienceEndedException>(() => Maildir.Deliver(_folder["dir"], "name", Letter(), new MemoryStream(new byte[10]), patient));

        Assert.Equal(Before, File.ReadAllText(mbox));
        Assert.Empty(Directory.GetFiles(_folder["dir"], "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_Maildir_has_nothing_of_a_message_that_could_not_be_read()
    {
        using var content = new BrokenStream(new byte[200_000]);

        Assert.Throws<InvalidDataException>(() => Maildir.Deliver(_folder["dir"], "name", Letter(), content, new Patient()));

        Assert.Empty(Directory.GetFiles(_folder["dir"], "*", SearchOption.AllDirectories));
    }

    /// <summary>On a disk of 64 KiB, which only root can make.</summary>
    [Fact]
    public void A_full_disk_takes_a_message_back_and_is_said_to_be_full()
    {
        Directory.CreateDirectory(_folder["disk"]);
        bool isMounted = Run("mount", "-t", "tmpfs", "-o", "size=64k", "none", _folder["disk"]);
        Assert.Equal(Environment.IsPrivilegedProcess, isMounted);
        if (!isMounted)
        {
            return;
        }

        try
        {
            string mbox = _folder.Write("disk/mbox", Before);
            PosixException full = Assert.Throws<PosixException>(
                () => MboxFile.Append(mbox, default, Letter(), new MemoryStream(new byte[300_000]), new Patient()));
            Assert.Equal("452 4.3.1", LocalReplies.Of(full).ToString()[..9]);
            Assert.Equal(Before, File.ReadAllText(mbox));
            Assert.Throws<PosixException>(
                () => Maildir.Deliver(_folder["disk/dir"], "name", Letter(), new MemoryStream(new byte[300_000]), new Patient()));
            Assert.Empty(Directory.GetFiles(_folder["disk/dir"], "*", SearchOption.AllDirectories));
            MboxFile.Append(mbox, default, Letter(), new MemoryStream(new byte[1000]), new Patient());
            Assert.StartsWith(Before + "From alice@example.net ", File.ReadAllText(mbox), StringComparison.Ordinal);
        }
        finally
        {
            Run("umount", _folder["disk"]);
        }
    }

    private Letter Letter()
    {
        var recipient = new Recipient(new Mailbox("anna", "example.net"));
        var message = new QueuedMessage
        {
            Id = QueueId.Next(_clock),
            Envelope = new Envelope { Sender = new Mailbox("alice", "example.net") },
            Octets = 0,
            ReceivedAt = _clock.GetUtcNow(),
            ExpiresAt = _clock.GetUtcNow().AddDays(5),
            Recipients = [],
        };
        return new Letter(new QueueLease(message, [], 1, new MemoryContent(Encoding.ASCII.GetBytes("not used"))), recipient, _clock.GetLocalNow());
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    /// <summary>Ends with the news that what is stored is not what was accepted.</summary>
    private sealed class BrokenStream(byte[] octets) : MemoryStream(octets)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer) is > 0 and var count ? count : throw new InvalidDataException("checksum differs");
    }
}
