using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Kill;

/// <summary>
/// The books of one queue over many lives of its relay: every letter by the hash of its content, whom it has to arrive for, whose refusal has
/// to come back to its sender, and what the operator took away on purpose.
/// </summary>
internal sealed class Books
{
    /// <summary>How many messages may be on their way or unrecorded when a relay dies: what <c>Settler</c> lets run on, and a few connections. Whatever
    /// the smarthost took before the last so many of a life was recorded, and is never sent again.</summary>
    public const int MostInDoubt = 32 + 8;

    private readonly ConcurrentDictionary<int, Letter> _letters = new();
    private readonly List<(int Arrived, long At)> _lives = [];
    private int _next;

    public int Accepted => _letters.Values.Count(letter => letter.State == LetterState.Accepted);

    /// <summary>Those that an operator can name.</summary>
    public IReadOnlyList<Letter> AcceptedLetters => [.. _letters.Values.Where(letter => letter.Id.Length > 0)];

    public Letter this[int number] => _letters[number];

    /// <summary>A letter of one of the kinds that a relay meets; of most of one kind.</summary>
    public Letter Write(Random random) => Write(
        (LetterKind)random.Next(20), random.Next(8) == 0 ? random.Next(10_000, 80_000) : random.Next(300, 4_000));

    public Letter Write(LetterKind kind, int octets)
    {
        (string[] recipients, string[] arrives, bool bounces) = kind switch
        {
            LetterKind.ForTwo => (["box@example.net", "second@example.net"], ["box@example.net", "second@example.net"], false),
            LetterKind.Refused => (["refused@example.net"], [], true),
            LetterKind.RefusedForOne => (["box@example.net", "refused@example.net"], ["box@example.net"], true),
            LetterKind.Later => (["later@example.net"], ["later@example.net"], false),
            LetterKind.LaterForOne => (["box@example.net", "later@example.net"], ["box@example.net", "later@example.net"], false),
            LetterKind.Alias => (["crew"], ["ann@example.net", "bob@example.net"], false),
            _ => ((string[])["box@example.net"], (string[])["box@example.net"], false),
        };
        var letter = new Letter
        {
            Number = Interlocked.Increment(ref _next),
            Octets = octets,
            Recipients = recipients,
            Arrives = arrives,
            Bounces = bounces,
        };
        _letters[letter.Number] = letter;
        return letter.Write();
    }

    /// <summary>A relay has died: what the smarthost takes from here on is of the next.</summary>
    /// <param name="arrived">What it had taken when all connections had ended.</param>
    /// <param name="at">When (<see cref="Stopwatch.GetTimestamp"/>).</param>
    public void LifeEnded(int arrived, long at) => _lives.Add((arrived, at));

    /// <summary>What the relay answered since then has not been heard.</summary>
    public void Unsay(long since)
    {
        foreach (Letter letter in _letters.Values.Where(letter => letter.AnsweredAt >= since))
        {
            letter.Answered("");
        }
    }

    /// <summary>Compares what was promised with what arrived, when nothing is left in the queue.</summary>
    public Account Close(IReadOnlyList<CapturedMail> arrived, string about)
    {
        var account = new Account { Letters = _letters.Count, Accepted = Accepted };
        var copies = new Dictionary<(int Letter, string Recipient), List<int>>();
        for (int i = 0; i < arrived.Count; i++)
        {
            CapturedMail mail = arrived[i];
            bool isReport = mail.Sender.Length == 0;
            int number = Letter.NumberIn(mail.Text, isReport ? "In-Reply-To" : "Message-ID");
            if (!_letters.TryGetValue(number, out Letter? letter))
            {
                account.Faults.Add($"{about}: nobody wrote this: {mail.Text[..Math.Min(1000, mail.Text.Length)]}");
                continue;
            }

            if (isReport ? IsTornReport(mail) : IsTorn(mail, letter))
            {
                account.Torn++;
                account.Faults.Add($"{about}: torn: {letter}:\n{mail.Text[..Math.Min(1000, mail.Text.Length)]}");
            }

            if (letter.State == LetterState.Refused)
            {
                account.Faults.Add($"{about}: arrived although it was refused: {letter}");
            }

            foreach (string recipient in mail.Recipients)
            {
                (int, string) key = (number, isReport ? "report" : recipient);
                (copies.TryGetValue(key, out List<int>? same) ? same : copies[key] = []).Add(i);
            }
        }

        foreach (Letter letter in _letters.Values)
        {
            IEnumerable<string> due = letter.Bounces ? [.. letter.Arrives, "report"] : letter.Arrives;
            string[] missing = [.. due.Where(recipient => !copies.ContainsKey((letter.Number, recipient)))];
            account.Deleted += letter.Deletion == Deletion.Done ? 1 : 0;
            if (missing.Length > 0 && letter.State == LetterState.Accepted && letter.Deletion is Deletion.None or Deletion.TooLate)
            {
                account.Lost++;
                account.Faults.Add($"{about}: lost for {string.Join(' ', missing)}: {letter}");
            }
        }

        foreach (((int number, string recipient), List<int> same) in copies.Where(copy => copy.Value.Count > 1))
        {
            Judge(account, arrived, same, $"{about}: {recipient} of {_letters[number]}");
        }

        account.Reports = arrived.Count(mail => mail.Sender.Length == 0);
        return account;
    }

    /// <summary>A further copy is lawful if the one before it was in doubt when its relay died, and if whoever gets both can tell that they are one.</summary>
    private void Judge(Account account, IReadOnlyList<CapturedMail> arrived, List<int> same, string about)
    {
        account.Duplicated += same.Count - 1;
        for (int i = 1; i < same.Count; i++)
        {
            (int end, long at) = _lives.Find(life => life.Arrived > same[i - 1]);
            int behind = end - 1 - same[i - 1];
            account.Before(behind, Stopwatch.GetElapsedTime(arrived[same[i - 1]].TakenAt, at));
            if (end == 0 || same[i] < end)
            {
                account.Faults.Add($"{about}: taken twice in one life of the relay");
            }
            else if (behind >= MostInDoubt)
            {
                account.Faults.Add($"{about}: sent again although {behind} others were taken between it and the kill");
            }

            if (!arrived[same[i]].Content.AsSpan().SequenceEqual(arrived[same[i - 1]].Content))
            {
                account.Faults.Add($"{about}: the copies cannot be recognised as one:\n{Top(arrived[same[i - 1]])}\n{Top(arrived[same[i]])}");
            }
        }
    }

    /// <summary>A trace field goes on top, and everything else is as it was sent.</summary>
    private static bool IsTorn(CapturedMail mail, Letter letter)
    {
        int at = mail.Text.IndexOf("\r\nFrom: <", StringComparison.Ordinal);
        int start = mail.Text.StartsWith("From: <", StringComparison.Ordinal) ? 0 : at + 2;
        return (start > 0 && !mail.Text.StartsWith("Received: ", StringComparison.Ordinal))
            || !SHA256.HashData(mail.Content.AsSpan(start)).AsSpan().SequenceEqual(letter.Hash);
    }

    private static bool IsTornReport(CapturedMail mail)
    {
        const string parameter = "boundary=\"";
        int at = mail.Text.IndexOf(parameter, StringComparison.Ordinal);
        if (at < 0)
        {
            return true;
        }

        string boundary = mail.Text[(at + parameter.Length)..mail.Text.IndexOf('"', at + parameter.Length)];
        return !mail.Text.EndsWith($"\r\n--{boundary}--\r\n", StringComparison.Ordinal)
            || !mail.Text.Contains("Final-Recipient: rfc822; refused@example.net", StringComparison.Ordinal);
    }

    private static string Top(CapturedMail mail) => string.Create(CultureInfo.InvariantCulture, $"{mail.Text[..Math.Min(700, mail.Text.Length)]}");
}

/// <summary>What the books came to.</summary>
internal sealed class Account
{
    public int Letters { get; set; }

    public int Accepted { get; set; }

    public int Reports { get; set; }

    public int Deleted { get; set; }

    public int Lost { get; set; }

    public int Torn { get; set; }

    /// <summary>Copies beyond the first, whether lawful or not.</summary>
    public int Duplicated { get; set; }

    /// <summary>The most messages that the smarthost took between a message that was sent again and the kill.</summary>
    public int FurthestInDoubt { get; private set; }

    /// <summary>The most time between a message that was sent again and the kill.</summary>
    public TimeSpan LongestInDoubt { get; private set; }

    /// <summary>Of the relay that brought the last of it.</summary>
    public long PeakResidentOctets { get; set; }

    /// <summary>Whatever is wrong, in words.</summary>
    public List<string> Faults { get; } = [];

    public IEnumerable<(string Name, object Value)> Figures =>
    [
        ("messages", Letters), ("accepted", Accepted), ("bounces", Reports), ("deleted by the operator", Deleted), ("lost", Lost), ("torn", Torn),
        ("in doubt and sent again", Duplicated),
        ("at most before the end", string.Create(CultureInfo.InvariantCulture, $"{FurthestInDoubt} others and {LongestInDoubt.TotalMilliseconds:F0} ms")),
        ("peak memory of a relay", $"{PeakResidentOctets >> 20} MB"),
    ];

    /// <summary>How far a message that was sent again lay before the kill: in others that were taken meanwhile, and in time.</summary>
    public void Before(int others, TimeSpan time)
    {
        FurthestInDoubt = Math.Max(FurthestInDoubt, others);
        LongestInDoubt = time > LongestInDoubt ? time : LongestInDoubt;
    }

    public void Add(Account other)
    {
        Letters += other.Letters;
        Accepted += other.Accepted;
        Reports += other.Reports;
        Deleted += other.Deleted;
        Lost += other.Lost;
        Torn += other.Torn;
        Duplicated += other.Duplicated;
        Before(other.FurthestInDoubt, other.LongestInDoubt);
        PeakResidentOctets = Math.Max(PeakResidentOctets, other.PeakResidentOctets);
        Faults.AddRange(other.Faults);
    }
}
