using System.Text;
using RelayProxy.Harness;
using RelayProxy.Session;

namespace RelayProxy.Unit.Session;

public class SessionMemoryTests
{
    private const int Lines = 1000;

    [Theory]
    [InlineData("NOOP")]
    [InlineData("RSET")]
    [InlineData("rset")]
    [InlineData("HELP")]
    [InlineData("VRFY box@example.org")]
    public async Task A_command_that_says_nothing_new_allocates_nothing(string command)
    {
        await using var session = new SessionUnderTest(new SessionOptions { MaxCommands = int.MaxValue });
        session.Say("EHLO web1\r\n");
        ReadOnlyMemory<byte> line = Encoding.ASCII.GetBytes(command + "\r\n");

        // The first lines bring what is then used again.
        Say(session, line);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Say(session, line);

        Assert.Equal(0, (GC.GetAllocatedBytesForCurrentThread() - before) / Lines);
    }

    private static void Say(SessionUnderTest session, ReadOnlyMemory<byte> line)
    {
        for (int i = 0; i < Lines; i++)
        {
            session.SayUnheard(line);
        }
    }
}
