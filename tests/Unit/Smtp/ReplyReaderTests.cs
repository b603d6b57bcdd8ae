using System.Buffers;
using System.IO.Pipelines;
using RelayProxy.Harness;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Smtp;

public class ReplyReaderTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("250 Ok\r\n", "250 Ok", "0.0")]
    [InlineData("250\r\n", "250", "0.0")]
    [InlineData("250 \r\n", "250", "0.0")]
    [InlineData("250 2.1.5 Ok\r\n", "250 2.1.5 Ok", "1.5")]
    [InlineData("250 2.0.0\r\n", "250 2.0.0", "0.0")]
    [InlineData("250-first\r\n250-\r\n250 last\r\n", "250 first\n\nlast", "0.0")]
    [InlineData("250-first\r\n250\r\n", "250 first\n", "0.0")]
    [InlineData("550-5.1.1 No such\r\n550 5.1.1 user\r\n", "550 5.1.1 No such\nuser", "1.1")]
    [InlineData("550-No such\r\n550 5.1.1 user\r\n", "550 5.1.1 No such\nuser", "1.1")]
    [InlineData("550-5.1.1 No such\r\n550 5.7.1 user\r\n", "550 5.1.1 No such\n5.7.1 user", "1.1")]
    [InlineData("299 x\r\n", "299 x", "0.0")]
    [InlineData("471 x\r\n", "471 x", "0.0")]
    [InlineData("599 x\r\n", "599 x", "0.0")]
    [InlineData("334 3.1.2\r\n", "334 3.1.2", "0.0")]
    public async Task C10_Reads_replies_of_every_shape(string wire, string expected, string status)
    {
        foreach (SmtpReply reply in await ReadEveryWay(wire))
        {
            Assert.Equal(expected, reply.Status is null ? $"{reply.Code} {reply.Text}".TrimEnd(' ') : $"{reply.Code} {reply.EnhancedCode} {reply.Text}".TrimEnd(' '));
            Assert.Equal(status, (reply.Status ?? StatusDetail.Undefined).ToString());
        }
    }

    [Theory]
    [InlineData("550 4.1.1 x\r\n", "4.1.1 x")]
    [InlineData("550 5.1 x\r\n", "5.1 x")]
    [InlineData("550 5.1.1.1 x\r\n", "5.1.1.1 x")]
    [InlineData("550 5.1.1x\r\n", "5.1.1x")]
    [InlineData("550 5.1234.1 x\r\n", "5.1234.1 x")]
    [InlineData("550 5..1 x\r\n", "5..1 x")]
    [InlineData("550 5.-1.1 x\r\n", "5.-1.1 x")]
    [InlineData("550  5.1.1 x\r\n", " 5.1.1 x")]
    public async Task What_is_no_enhanced_status_code_of_the_reply_stays_in_its_text(string wire, string text)
    {
        foreach (SmtpReply reply in await ReadEveryWay(wire))
        {
            Assert.Null(reply.Status);
            Assert.Equal(text, reply.Text);
        }
    }

    [Theory]
    [InlineData("150 x\r\n")]
    [InlineData("650 x\r\n")]
    [InlineData("abc\r\n")]
    [InlineData("\r\n")]
    [InlineData("25\r\n")]
    [InlineData("2500 x\r\n")]
    [InlineData("250_x\r\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("* OK IMAP4rev1\r\n")]
    [InlineData("250-first\r\n251 last\r\n")]
    [InlineData("250-first\r\n\r\n250 last\r\n")]
    [InlineData("250 x\n")]
    [InlineData("250 x\ry\r\n")]
    public async Task C10_What_is_not_a_reply_ends_the_session(string wire)
    {
        foreach (PipeReader input in EveryPipe(wire))
        {
            await Assert.ThrowsAsync<ReplyFormatException>(() => new ReplyReader(input).ReadAsync(Cancelled).AsTask());
        }
    }

    [Fact]
    public async Task C11_An_endless_line_and_an_endless_reply_are_bounded()
    {
        await Refuses("250 " + new string('x', 10_000));
        await Refuses("250 " + new string('x', 10_000) + "\r\n");
        await Refuses(string.Concat(Enumerable.Repeat("250-x\r\n", 1_000)));
        await Refuses(string.Concat(Enumerable.Repeat("250-" + new string('x', 8_000) + "\r\n", 10)));

        static async Task Refuses(string wire)
        {
            var reader = new ReplyReader(PipeReader.Create(Sequences.Of(wire)));
            ReplyFormatException refusal = await Assert.ThrowsAsync<ReplyFormatException>(() => reader.ReadAsync(Cancelled).AsTask());
            Assert.InRange(refusal.Message.Length, 1, 400);
        }
    }

    [Theory]
    [InlineData("550 x\0y\u001b[2J\u007f\u00e9\r\n", @"x\x00y\x1b[2J\x7f\xe9")]
    [InlineData("550 a\tb\r\n", "a b")]
    [InlineData("550 \u00c3\u00a9\r\n", @"\xc3\xa9")]
    public async Task C11_What_is_not_printable_is_written_as_octets(string wire, string text)
    {
        foreach (SmtpReply reply in await ReadEveryWay(wire))
        {
            Assert.Equal(text, reply.Text);
        }
    }

    [Fact]
    public async Task E17_UTF8_is_kept_where_it_was_asked_for_but_for_what_would_deceive()
    {
        byte[] wire = [.. "550 gr\u00fc\u00df \u202e\u0085"u8, 0xFF, .. "\r\n"u8];
        var reader = new ReplyReader(PipeReader.Create(new ReadOnlySequence<byte>(wire))) { AllowUtf8 = true };
        Assert.Equal("gr\u00fc\u00df \\xe2\\x80\\xae\\xc2\\x85\\xff", (await reader.ReadAsync(Cancelled)).Text);
    }

    [Theory]
    [InlineData("", "connection closed by the server")]
    [InlineData("250 2.0", "connection closed by the server in the middle of a reply")]
    [InlineData("250 Ok\r", "connection closed by the server in the middle of a reply")]
    [InlineData("250-first\r\n", "connection closed by the server in the middle of a reply")]
    public async Task C08_An_end_before_the_reply_is_complete_is_no_reply(string wire, string expected)
    {
        foreach (PipeReader input in EveryPipe(wire))
        {
            IOException fault = await Assert.ThrowsAsync<IOException>(() => new ReplyReader(input).ReadAsync(Cancelled).AsTask());
            Assert.Equal(expected, fault.Message);
        }
    }

    [Fact]
    public async Task C24_Replies_that_come_together_are_read_one_by_one()
    {
        var reader = new ReplyReader(PipeReader.Create(Sequences.Of("250 2.1.0 a\r\n450-4.2.1 b\r\n450 4.2.1 c\r\n354 d\r\n")));
        Assert.Equal("250 2.1.0 a", (await reader.ReadAsync(Cancelled)).ToString());
        Assert.Equal("450 4.2.1 b c", (await reader.ReadAsync(Cancelled)).ToString());
        Assert.Equal("354 d", (await reader.ReadAsync(Cancelled)).ToString());
    }

    [Fact]
    public async Task C30_A_farewell_nobody_asked_for_is_noticed_and_can_be_read()
    {
        var pipe = InlinePipe();
        var reader = new ReplyReader(pipe.Reader);
        Assert.False(reader.HasUnsolicited());
        await pipe.Writer.WriteAsync("421 4.4.2 too long\r\n"u8.ToArray(), Cancelled);
        Assert.True(reader.HasUnsolicited());
        Assert.Equal(421, (await reader.ReadAsync(Cancelled)).Code);
        Assert.False(reader.HasUnsolicited());
    }

    [Fact]
    public async Task C42_A_second_reply_to_one_command_is_noticed()
    {
        var reader = new ReplyReader(PipeReader.Create(Sequences.Of("250 Ok\r\n250 injected\r\n")));
        await reader.ReadAsync(Cancelled);
        Assert.True(reader.HasUnsolicited());
    }

    [Fact]
    public async Task C30_A_connection_that_is_reset_while_nobody_reads_is_no_fault_of_ours() =>
        Assert.Empty(await UnseenFaults.OfAsync("reset while idle", () =>
        {
            Pipe pipe = InlinePipe();
            var reader = new ReplyReader(pipe.Reader);
            Assert.False(reader.HasUnsolicited());
            pipe.Writer.Complete(new IOException("reset while idle"));
            Assert.True(reader.HasUnsolicited());
            return Task.CompletedTask;
        }));

    [Fact]
    public async Task C30_A_closed_connection_is_noticed()
    {
        var pipe = InlinePipe();
        var reader = new ReplyReader(pipe.Reader);
        Assert.False(reader.HasUnsolicited());
        await pipe.Writer.CompleteAsync();
        Assert.True(reader.HasUnsolicited());
        await Assert.ThrowsAsync<IOException>(() => reader.ReadAsync(Cancelled).AsTask());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancelled_read_loses_nothing_of_the_reply(bool begunBefore)
    {
        var pipe = new Pipe();
        var reader = new ReplyReader(pipe.Reader);
        if (begunBefore)
        {
            Assert.False(reader.HasUnsolicited());
        }

        using (var source = new CancellationTokenSource())
        {
            await pipe.Writer.WriteAsync("250-first\r\n250 la"u8.ToArray(), Cancelled);
            Task<SmtpReply> read = reader.ReadAsync(source.Token).AsTask();
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        }

        await pipe.Writer.WriteAsync("st\r\n"u8.ToArray(), Cancelled);
        Assert.Equal("first\nlast", (await reader.ReadAsync(Cancelled)).Text);
    }

    [Fact]
    public async Task A_read_begun_by_a_test_of_the_connection_can_be_cancelled()
    {
        var pipe = new Pipe();
        var reader = new ReplyReader(pipe.Reader);
        Assert.False(reader.HasUnsolicited());
        using (var source = new CancellationTokenSource())
        {
            Task<SmtpReply> read = reader.ReadAsync(source.Token).AsTask();
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        }

        await pipe.Writer.WriteAsync("250 Ok\r\n"u8.ToArray(), Cancelled);
        Assert.Equal("Ok", (await reader.ReadAsync(Cancelled)).Text);
    }

    /// <summary>What is written has been seen by a waiting reader when the write returns.</summary>
    private static Pipe InlinePipe() => new(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));

    private static async Task<List<SmtpReply>> ReadEveryWay(string wire)
    {
        var replies = new List<SmtpReply>();
        foreach (PipeReader input in EveryPipe(wire))
        {
            var reader = new ReplyReader(input);
            replies.Add(await reader.ReadAsync(Cancelled));
            await Assert.ThrowsAsync<IOException>(() => reader.ReadAsync(Cancelled).AsTask());
        }

        return replies;
    }

    /// <summary>Whole, in segments cut at every place, and octet by octet as a slow network brings them.</summary>
    private static IEnumerable<PipeReader> EveryPipe(string wire)
    {
        byte[] octets = Sequences.Octets(wire);
        foreach (ReadOnlySequence<byte> sequence in Sequences.EveryWay(octets))
        {
            yield return PipeReader.Create(sequence.IsEmpty ? ReadOnlySequence<byte>.Empty : sequence);
        }

        var pipe = new Pipe();
        _ = Drip();
        yield return pipe.Reader;

        async Task Drip()
        {
            foreach (byte octet in octets)
            {
                await Task.Yield();
                await pipe.Writer.WriteAsync(new[] { octet });
            }

            await pipe.Writer.CompleteAsync();
        }
    }
}
