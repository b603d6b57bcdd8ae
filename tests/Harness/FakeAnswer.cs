using System.Diagnostics;
using System.Text;

namespace RelayProxy.Harness;

/// <summary>What a <see cref="FakeSmarthost"/> does at one step. A string is a reply: <c>smarthost.OnRcpt = _ => "550 5.1.1 Who?"</c>.</summary>
internal sealed record FakeAnswer
{
    /// <summary>Never answers; the connection stays open until the client gives up.</summary>
    public static FakeAnswer Silence { get; } = new() { Ending = FakeEnding.Silence };

    /// <summary>Closes the connection, as a program that ends does.</summary>
    public static FakeAnswer HangUp { get; } = new() { Ending = FakeEnding.Close };

    /// <summary>Tears the connection away (RST).</summary>
    public static FakeAnswer Reset { get; } = new() { Ending = FakeEnding.Reset };

    /// <summary>What is written, octet for octet.</summary>
    public byte[] Octets { get; init; } = [];

    /// <summary>How often: a reply without an end is one of many times.</summary>
    public long Times { get; init; } = 1;

    /// <summary>What has to happen first.</summary>
    public Task After { get; init; } = Task.CompletedTask;

    public FakeEnding Ending { get; init; }

    public static implicit operator FakeAnswer(string reply) => Reply(reply);

    /// <summary>One reply; its lines may be separated by LF, each complete with its code.</summary>
    public static FakeAnswer Reply(string reply) => Raw(reply.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n");

    /// <summary>These octets and no more: no line end is added. Letters up to U+00FF stand for one octet each.</summary>
    public static FakeAnswer Raw(string octets) => new() { Octets = Encoding.Latin1.GetBytes(octets) };

    public FakeAnswer ThenHangUp() => this with { Ending = FakeEnding.Close };

    public FakeAnswer ThenReset() => this with { Ending = FakeEnding.Reset };

    /// <summary>The same, but not before <paramref name="task"/> has ended.</summary>
    public FakeAnswer OnceDone(Task task) => this with { After = task };
}

/// <summary>What becomes of the connection after an answer.</summary>
internal enum FakeEnding
{
    GoesOn,
    Close,
    Reset,

    /// <summary>Whatever the client says goes unanswered.</summary>
    Silence,
}

/// <summary>How a <see cref="FakeSmarthost"/> protects its connections.</summary>
internal enum FakeTls
{
    Implicit,
    StartTls,
    None,
}

/// <summary>Where a <see cref="FakeSmarthost"/> stands when it asks what to do.</summary>
/// <param name="Session">Counts connections, from 1.</param>
/// <param name="Transaction">Counts MAILs of this connection, from 1; 0 before the first.</param>
/// <param name="Line">The command, without CRLF; letters up to U+00FF stand for one octet each.</param>
/// <param name="Recipient">Which RCPT of the transaction this is, from 1; 0 elsewhere.</param>
/// <param name="Octets">Content octets read so far, as they came over the wire.</param>
internal readonly record struct FakeStep(int Session, int Transaction, string Line, int Recipient = 0, long Octets = 0);

/// <summary>A message that a <see cref="FakeSmarthost"/> has taken.</summary>
internal sealed record CapturedMail
{
    public required int Session { get; init; }

    /// <summary>When all of it had come (<see cref="Stopwatch.GetTimestamp"/>), before it was answered.</summary>
    public long TakenAt { get; init; } = Stopwatch.GetTimestamp();

    /// <summary>The MAIL command as it came.</summary>
    public required string MailCommand { get; init; }

    /// <summary>The RCPT commands that were accepted, as they came.</summary>
    public required IReadOnlyList<string> RcptCommands { get; init; }

    /// <summary>The content as the wire carried it: dot-stuffed, with the final dot; for BDAT the chunks put together.</summary>
    public required byte[] Wire { get; init; }

    /// <summary>The content as it was meant: without dot-stuffing, without the final dot.</summary>
    public required byte[] Content { get; init; }

    /// <summary>Who was logged in; empty for nobody.</summary>
    public required string User { get; init; }

    public string Text => Encoding.Latin1.GetString(Content);

    /// <summary>The addresses of the accepted recipients.</summary>
    public IReadOnlyList<string> Recipients => [.. RcptCommands.Select(AddressOf)];

    /// <summary>The envelope sender's address; empty for the null sender.</summary>
    public string Sender => AddressOf(MailCommand);

    private static string AddressOf(string command) => command[(command.IndexOf('<') + 1)..command.LastIndexOf('>')];
}
