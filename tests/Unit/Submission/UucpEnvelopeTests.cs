using System.IO.Pipelines;
using System.Text;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Submission;

namespace RelayProxy.Unit.Submission;

public class UucpEnvelopeTests
{
    private const string Text = "Subject: hello\n\nFrom here on it is text.\n>From here too\n";

    [Theory]
    [InlineData("From carl Sun Nov 22 05:00:00 2026 remote from relay\n", "relay!carl")]
    [InlineData("From carl Sun Nov 22 05:00:00 2026 remote from relay\r\n", "relay!carl")]
    [InlineData("From carl Sun Nov 22 05:00:00 2026 remote from relay\n>From carl Sun Nov 22 04:58:12 2026 remote from host\n", "relay!host!carl")]
    [InlineData("From uucp Sun Nov 22 05:00:00 2026 remote from relay\n>From carl@example.com Sun Nov 22 04:58:12 2026\n", "carl@example.com")]
    [InlineData("From host!carl Sun Nov 22 05:00:00 2026\n", "host!carl")]
    [InlineData("From relay!host!carl Sun Nov 22 05:00:00 2026\n", "relay!host!carl")]
    [InlineData("From carl\n", "carl")]
    [InlineData("From  carl\tSun remote from  relay \n", "relay!carl")]
    [InlineData("From MAILER-DAEMON Sun Nov 22 05:00:00 2026 remote from relay\n", "")]
    [InlineData("From <> Sun Nov 22 05:00:00 2026 remote from relay\n", "")]
    public async Task The_lines_in_front_say_who_sent_it_and_the_message_is_left(string lines, string sender) =>
        Assert.Equal((sender, Text), await ReadAsync(lines + Text));

    [Fact]
    public async Task However_the_input_comes_in_it_is_read_the_same()
    {
        foreach (var octets in Sequences.EveryWay(Encoding.ASCII.GetBytes($"From carl Sun remote from relay\n>From carl Sat remote from host.example\n{Text}")))
        {
            var pieces = new PieceStream([.. Pieces(octets)]);
            PipeReader input = PipeReader.Create(pieces);

            Assert.Equal("carl@host.example", await UucpEnvelope.ReadSenderAsync(input));
            Assert.Equal(Text, await new StreamReader(input.AsStream()).ReadToEndAsync(TestContext.Current.CancellationToken));
        }
    }

    private static IEnumerable<byte[]> Pieces(System.Buffers.ReadOnlySequence<byte> octets)
    {
        foreach (ReadOnlyMemory<byte> piece in octets)
        {
            if (!piece.IsEmpty)
            {
                yield return piece.ToArray();
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("Subject: hello\n\n")]
    [InlineData("from carl\n")]
    [InlineData(" From carl\n")]
    public async Task A_message_without_them_has_no_sender(string text)
    {
        SubmissionException trouble = await Assert.ThrowsAsync<SubmissionException>(() => ReadAsync(text));

        Assert.Equal(ExitCode.DataError, trouble.ExitCode);
    }

    [Theory]
    [InlineData("From \n")]
    [InlineData("From  remote from relay\n")]
    public async Task A_line_that_names_nobody_is_refused(string text)
    {
        SubmissionException trouble = await Assert.ThrowsAsync<SubmissionException>(() => ReadAsync(text));

        Assert.Equal(ExitCode.DataError, trouble.ExitCode);
        Assert.Contains("line 1 names nobody", trouble.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("From carl remote from relay\n", "")]                       // no message at all
    [InlineData("From carl remote from relay\n", "\n")]
    [InlineData("From carl remote from relay\n", "From")]                   // cut short
    public async Task What_follows_may_be_next_to_nothing(string lines, string rest) =>
        Assert.Equal(("relay!carl", rest), await ReadAsync(lines + rest));

    [Fact]
    public async Task A_line_without_end_is_left_to_whoever_reads_the_message()
    {
        string rest = "From " + new string('x', 100_000);

        Assert.Equal(("relay!carl", rest), await ReadAsync("From carl remote from relay\n" + rest));
    }

    private static async Task<(string Sender, string Text)> ReadAsync(string text)
    {
        PipeReader input = PipeReader.Create(new MemoryStream(Encoding.ASCII.GetBytes(text)));
        string sender = await UucpEnvelope.ReadSenderAsync(input);
        return (sender, await new StreamReader(input.AsStream()).ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>One piece for each read.</summary>
    private sealed class PieceStream(byte[][] pieces) : MemoryStream
    {
        private int _next;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_next == pieces.Length)
            {
                return ValueTask.FromResult(0);
            }

            pieces[_next].CopyTo(buffer);
            return ValueTask.FromResult(pieces[_next++].Length);
        }
    }
}
