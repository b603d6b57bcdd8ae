using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Submission;

/// <summary>
/// The lines in front of a message that came by UUCP, one from each system it passed, the last of them first. They are its envelope, and no part
/// of it:
/// <code>
/// From carl Sun Nov 22 05:00:00 2026 remote from relay
/// >From carl Sun Nov 22 04:58:12 2026 remote from host
/// </code>
/// </summary>
internal sealed class UucpEnvelope
{
    private const int MaxLineOctets = 4096;
    private const int MaxLines = 100;
    private const string RemoteFrom = " remote from ";

    private readonly StringBuilder _way = new();
    private string _user = "";
    private int _lines;

    /// <summary>Reads them, and nothing of the message behind them.</summary>
    /// <returns>The sender; empty for the null sender.</returns>
    /// <exception cref="SubmissionException">There are none, or they name nobody.</exception>
    public static async Task<string> ReadSenderAsync(PipeReader input)
    {
        var envelope = new UucpEnvelope();
        while (true)
        {
            ReadResult read = await input.ReadAsync();
            SequencePosition? end = read.Buffer.PositionOf((byte)'\n');
            if (end is null && !read.IsCompleted && read.Buffer.Length < MaxLineOctets)
            {
                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            ReadOnlySequence<byte> line = end is { } at ? read.Buffer.Slice(0, read.Buffer.GetPosition(1, at)) : read.Buffer;
            if (!envelope.Take(line))
            {
                input.AdvanceTo(read.Buffer.Start);
                return UucpAddress.ToSender(envelope._way + envelope._user);
            }

            input.AdvanceTo(line.End);
        }
    }

    /// <summary>False if it is the message's.</summary>
    private bool Take(ReadOnlySequence<byte> octets)
    {
        string line = octets.Length > MaxLineOctets ? "" : Encoding.UTF8.GetString(octets).TrimEnd('\r', '\n');
        int at = line.StartsWith("From ", StringComparison.Ordinal) ? 5 : line.StartsWith(">From ", StringComparison.Ordinal) ? 6 : 0;
        if (at == 0 || _lines == MaxLines)
        {
            return _lines > 0 ? false : throw new SubmissionException(ExitCode.DataError, "the message does not begin with a From line, so nobody knows who sent it");
        }

        _lines++;
        int remote = line.LastIndexOf(RemoteFrom, StringComparison.Ordinal);
        if (remote >= 0)
        {
            _way.Append(line.AsSpan(remote + RemoteFrom.Length).Trim()).Append('!');
        }

        // The system that wrote the last line is the first it passed, and knew whom it came from.
        _user = line[at..(remote >= at ? remote : line.Length)].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is [var user, ..]
            ? user
            : throw new SubmissionException(
                ExitCode.DataError, string.Create(CultureInfo.InvariantCulture, $"From line {_lines} names nobody who could have sent the message"));
        return true;
    }
}
