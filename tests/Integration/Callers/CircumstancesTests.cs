using RelayProxy.Harness;

namespace RelayProxy.Integration.Callers;

/// <summary>Programs start sendmail in odd places, with less than it is used to. It neither crashes nor hangs, and loses nothing.</summary>
public sealed class CircumstancesTests(SendmailUnderTest sendmail) : IClassFixture<SendmailUnderTest>
{
    private static readonly byte[] s_letter = "Subject: x\n\nHello\n"u8.ToArray();

    /// <summary>A terminal on which somebody types.</summary>
    private const string Terminal = """
        import os, pty, subprocess, sys
        keys, *command = sys.argv[1:]
        outside, inside = pty.openpty()
        typing = subprocess.Popen(command, stdin=inside)
        os.close(inside)
        os.write(outside, keys.encode().decode('unicode_escape').encode())
        sys.exit(typing.wait())
        """;

    /// <summary>A pipe that nobody reads, and the signal that comes of writing to it as strict as it is at first.</summary>
    private const string NobodyReads = """
        import os, subprocess, sys
        reader, writer = os.pipe()
        os.close(reader)
        sys.exit(subprocess.run(sys.argv[1:], input=b'Subject: x\n\nHello\n', stdout=writer, stderr=writer).returncode)
        """;

    [Theory]
    [InlineData("sendmail bob@example.net >&-")]
    [InlineData("sendmail bob@example.net 2>&-")]
    [InlineData("sendmail bob@example.net >&- 2>&-")]          // as GNU mailutils starts it
    [InlineData("sendmail -v bob@example.net >&- 2>&-")]
    [InlineData("sendmail -v -Z bob@example.net 2>&- >/dev/null")]
    [InlineData("sendmail -v bob@example.net >/dev/full 2>&1")]
    [InlineData("relayproxy sendmail --Intake:HostName=x -v bob@example.net >&- 2>&-")]
    [InlineData("env -i $(env | grep -E '^(RELAYPROXY_|DOTNET_ROOT=|PATH=)') sendmail bob@example.net")]
    [InlineData("HOME=/nonexistent TMPDIR=/nonexistent LC_ALL=xx_YY.bogus TERM= TZ=Nowhere/Land sendmail bob@example.net")]
    [InlineData("mkdir -p gone && cd gone && rmdir ../gone && sendmail bob@example.net")]
    [InlineData("trap '' HUP INT QUIT PIPE TERM CHLD; sendmail bob@example.net")]
    [InlineData("ulimit -n 128; ulimit -c 0; umask 777; sendmail bob@example.net")]
    public async Task It_takes_the_message_all_the_same(string line)
    {
        Assert.Equal((0, "", ""), await sendmail.RunShellAsync(line, s_letter));

        Assert.EndsWith("\r\n\r\nHello\r\n", (await sendmail.Smarthost.NextMailAsync()).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sendmail nobody-here bob@example.net 2>&-")]
    [InlineData("sendmail -v nobody-here bob@example.net >&- 2>&-")]
    public async Task Who_cannot_be_told_on_standard_error_is_told_by_the_exit_code(string line)
    {
        Assert.Equal(67, (await sendmail.RunShellAsync(line, s_letter)).ExitCode);

        Assert.Equal(["bob@example.net"], (await sendmail.Smarthost.NextMailAsync()).Recipients);
    }

    [Theory]
    [InlineData("sendmail bob@example.net <&-")]
    [InlineData("sendmail bob@example.net <&- >&- 2>&-")]
    [InlineData("sendmail bob@example.net </dev/null")]
    [InlineData("relayproxy sendmail --Intake:HostName=x bob@example.net <&-")]
    public async Task Where_there_is_no_text_the_message_has_none(string line)
    {
        Assert.Equal((0, "", ""), await sendmail.RunShellAsync(line));

        Assert.EndsWith("\r\n\r\n", (await sendmail.Smarthost.NextMailAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_that_cannot_be_read_is_not_sent_in_part()
    {
        Assert.Equal(
            (74, "", "sendmail: the text cannot be read to its end: Is a directory; nothing was sent\n"),
            await sendmail.RunShellAsync("sendmail bob@example.net </"));
    }

    [Theory]
    [InlineData(@"Subject: typed\n\nHello\n\x04")]
    [InlineData(@"Subject: typed\n\nHello\n.\n")]
    public async Task A_message_can_be_typed(string keys)
    {
        Assert.Equal(0, (await ChildProcess.RunApartAsync("python3", ["-c", Terminal, keys, sendmail.Path, "bob@example.net"], sendmail.Environment)).ExitCode);

        Assert.EndsWith("\r\n\r\nHello\r\n", (await sendmail.Smarthost.NextMailAsync()).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bob@example.net", 0)]
    [InlineData("nobody-here", 67)]
    public async Task Nobody_need_hear_what_it_says(string recipient, int exitCode)
    {
        Assert.Equal(
            exitCode,
            (await ChildProcess.RunApartAsync("python3", ["-c", NobodyReads, sendmail.Path, "-v", "carol@example.net", recipient], sendmail.Environment)).ExitCode);

        Assert.Contains("carol@example.net", (await sendmail.Smarthost.NextMailAsync()).Recipients);
    }
}
