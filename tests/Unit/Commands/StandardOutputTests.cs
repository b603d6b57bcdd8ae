using System.IO.Pipes;
using System.Text;
using RelayProxy.Commands;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Unit.Commands;

public class StandardOutputTests
{
    [Fact]
    public void What_is_written_arrives_until_the_reader_goes()
    {
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        using var reader = new AnonymousPipeClientStream(PipeDirection.In, writer.ClientSafePipeHandle);
        using var output = new StandardOutput(writer, (int)writer.SafePipeHandle.DangerousGetHandle());
        byte[] read = new byte[10];

        output.Write("0B7MZ5W4Q8"u8);
        reader.ReadExactly(read);
        Assert.Equal("0B7MZ5W4Q8", Encoding.ASCII.GetString(read));

        reader.Dispose();
        writer.DisposeLocalCopyOfClientHandle();
        Assert.Throws<ReaderGoneException>(() => output.Write("more"u8));
    }

    [Fact]
    public async Task A_list_ends_with_its_reader_and_no_complaint()
    {
        var clock = new TestClock();
        var store = new MemoryQueueStore(clock);
        for (int i = 0; i < 10; i++)
        {
            await using IMessageWriter message = store.BeginMessage(QueueId.Next(clock));
            await using PreparedMessage prepared = await message.CompleteAsync(
                new NewMessage
                {
                    Envelope = new Envelope(),
                    Recipients = [new Recipient(new Mailbox($"u{i}", "example.net"))],
                    ReceivedAt = clock.GetUtcNow(),
                    ExpiresAt = clock.GetUtcNow().AddDays(5),
                },
                TestContext.Current.CancellationToken);
            await store.CommitAsync(prepared, lease: false, TestContext.Current.CancellationToken);
        }

        using var head = new Head(lines: 4);
        var run = new CommandRun { Clock = clock, Output = head };

        Assert.Equal(ExitCode.Ok, await run.RunAsync(store, "queue", "list"));

        Assert.Equal(4, head.ToString().Count(letter => letter == '\n'));
        Assert.Contains("u2@example.net", head.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Reads so many lines, and goes.</summary>
    private sealed class Head(int lines) : StringWriter
    {
        private int _left = lines;

        public override void WriteLine(string? value)
        {
            if (_left-- == 0)
            {
                throw new ReaderGoneException();
            }

            base.WriteLine(value);
        }
    }
}
