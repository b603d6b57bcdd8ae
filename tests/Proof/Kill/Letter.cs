using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RelayProxy.Proof.Kill;

/// <summary>A message that can be told from all others, and what has to become of it.</summary>
internal sealed class Letter
{
    private const string Domain = "@letters.example";
    private byte[]? _content;

    /// <summary>Who the smarthost has to see it for.</summary>
    public required IReadOnlyList<string> Arrives { get; init; }

    /// <summary>Whom the client names.</summary>
    public required IReadOnlyList<string> Recipients { get; init; }

    /// <summary>The smarthost refuses a recipient: its sender has to be told.</summary>
    public bool Bounces { get; init; }

    public required int Number { get; init; }

    public required int Octets { get; init; }

    /// <summary>Of the whole content: what is kept once it has been sent.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>Its queue id, once it was answered 250.</summary>
    public string Id { get; private set; } = "";

    public LetterState State { get; private set; }

    /// <summary>When its answer came (<see cref="Stopwatch.GetTimestamp"/>).</summary>
    public long AnsweredAt { get; private set; }

    /// <summary>What the operator's <c>queue delete</c> came to.</summary>
    public Deletion Deletion { get; set; }

    public static string Sender => "app@example.org";

    /// <summary>Its content, to be sent once.</summary>
    public byte[] TakeContent()
    {
        byte[] content = _content ?? throw new InvalidOperationException("A letter is sent once.");
        _content = null;
        return content;
    }

    /// <summary>The same as a client sends it, but for the last CRLF.</summary>
    public byte[] TakeWire()
    {
        byte[] content = TakeContent();
        return Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(content, 0, content.Length - 2).Replace("\r\n.", "\r\n..", StringComparison.Ordinal));
    }

    /// <param name="reply">The relay's answer to the end of its data; empty if there was none.</param>
    public void Answered(string reply)
    {
        AnsweredAt = Stopwatch.GetTimestamp();
        State = reply.Length == 0 ? LetterState.Sent : reply.StartsWith("250", StringComparison.Ordinal) ? LetterState.Accepted : LetterState.Refused;
        Id = State == LetterState.Accepted ? reply.Split(' ')[^1] : Id;
    }

    public Letter Write()
    {
        var text = new StringBuilder(Octets + 200);
        text.Append(CultureInfo.InvariantCulture, $"From: <{Sender}>\r\nTo: <box@example.net>\r\nSubject: letter {Number}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Date: Sun, 22 Nov 2026 12:00:00 +0000\r\nMessage-ID: <{Number}{Domain}>\r\n\r\n");
        for (int line = 0; text.Length < Octets; line++)
        {
            // A line in three begins with a dot.
            text.Append(line % 3 == 2 ? "." : "").Append(CultureInfo.InvariantCulture, $"{Number} goes on and on, and every line of it says whose it is: {line}\r\n");
        }

        _content = Encoding.ASCII.GetBytes(text.ToString());
        Hash = SHA256.HashData(_content);
        return this;
    }

    /// <summary>Which letter a text is about: its own, or one that it answers; 0 if none.</summary>
    /// <param name="field"><c>Message-ID</c> or <c>In-Reply-To</c>.</param>
    public static int NumberIn(string text, string field)
    {
        string start = $"\r\n{field}: <";
        int at = text.StartsWith(start[2..], StringComparison.Ordinal) ? -2 : text.IndexOf(start, StringComparison.Ordinal);
        int end = at < -2 || at == -1 ? -1 : text.IndexOf(Domain, at + start.Length, StringComparison.Ordinal);
        return end > 0 && int.TryParse(text.AsSpan(at + start.Length, end - at - start.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : 0;
    }

    public override string ToString() => $"letter {Number} ({Octets} octets, for {string.Join(' ', Recipients)}, id {Id}, {State}, {Deletion})";
}

/// <summary>What the smarthost says to it, and whom it is for.</summary>
internal enum LetterKind
{
    ForTwo,
    Refused,
    RefusedForOne,
    Later,
    LaterForOne,
    Alias,

    /// <summary>One recipient, who takes it: this one, and whatever has no name.</summary>
    Plain,
}

internal enum LetterState
{
    /// <summary>Without an answer: it may arrive, or not.</summary>
    Sent,

    /// <summary>250.</summary>
    Accepted,

    /// <summary>4xx or 5xx: its sender has it, and nothing of it may arrive (RFC 5321 §4.2.5).</summary>
    Refused,
}

internal enum Deletion
{
    None,

    /// <summary>Asked for, and the command did not live to say what came of it.</summary>
    Asked,

    /// <summary>The command said that there was no such message any more: it has to have arrived.</summary>
    TooLate,

    Done,
}
