using System.Text;
using RelayProxy.Delivery.Local;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Faults;

/// <summary>One message, delivered on this machine, and what a mailbox then holds of it.</summary>
internal static class LocalMail
{
    private const string End = "the last words\n";
    private static readonly byte[] s_content = Encoding.ASCII.GetBytes($"Subject: Hello\n\n{new string('x', 150_000)}\n{End}");

    /// <returns>Why it failed; <c>null</c> if it did not.</returns>
    public static string? TryDeliver(string kind, string path, TimeProvider clock)
    {
        var message = new QueuedMessage
        {
            Id = QueueId.Next(clock),
            Envelope = new Envelope { Sender = new Mailbox("alice", "example.net") },
            Octets = s_content.Length,
            ReceivedAt = clock.GetUtcNow(),
            ExpiresAt = clock.GetUtcNow(),
            Recipients = [],
        };
        var letter = new Letter(
            new QueueLease(message, [], 1, new MemoryContent(s_content)), new Recipient(new Mailbox("anna", "example.net")), clock.GetLocalNow());
        try
        {
            using Stream content = letter.Open();
            if (kind == "mbox")
            {
                MboxFile.Append(path, new MboxRules(Owner: null, Mode: 0x180), letter, content, new Patient());
            }
            else
            {
                Maildir.Deliver(path, Maildir.UniqueName(letter, "host", clock.GetUtcNow()), letter, content, new Patient());
            }

            return null;
        }
        catch (PosixException fault)
        {
            return fault.Message;
        }
    }

    /// <summary>Messages that are whole, and whatever else is there to be seen by a reader.</summary>
    public static (int Whole, int Other) Count(string kind, string path)
    {
        string[] messages = kind == "mbox"
            ? File.Exists(path) ? File.ReadAllText(path).Split("From ", StringSplitOptions.RemoveEmptyEntries) : []
            : Directory.Exists(Path.Combine(path, "new")) ? [.. Directory.GetFiles(Path.Combine(path, "new")).Select(File.ReadAllText)] : [];
        int whole = messages.Count(message => message.TrimEnd('\n').EndsWith(End.TrimEnd('\n'), StringComparison.Ordinal));
        return (whole, messages.Length - whole);
    }
}
