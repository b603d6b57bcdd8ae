using System.Buffers;
using RelayProxy.Harness;
using RelayProxy.Intake;
using RelayProxy.Mail;

namespace RelayProxy.Unit.Intake;

public class ReceivedFieldTests
{
    private static readonly QueueId s_id = new(0x1234567890);

    [Fact]
    public void D08_It_says_who_brought_the_message_when_and_how() => Assert.Equal(
        "Received: from web1 ([127.0.0.1]) (user www-data uid 33)\r\n" +
        $"\tby relay.example.net (RelayProxy) with ESMTP id {s_id}\r\n" +
        "\tfor <bob@example.org>; Sun, 22 Nov 2026 05:03:41 +0000\r\n",
        Field(new MessageOrigin { HeloName = "web1", Address = "127.0.0.1", UserId = 33, UserName = "www-data" }));

    [Fact]
    public void D08_Over_a_Unix_socket_there_is_no_address() => Assert.StartsWith(
        "Received: from web1 (uid 1000)\r\n\tby ", Field(new MessageOrigin { HeloName = "web1", UserId = 1000 }), StringComparison.Ordinal);

    [Fact]
    public void D08_A_uid_has_no_sign() => Assert.StartsWith(
        "Received: from web1 (uid 4000000000)\r\n\tby ", Field(new MessageOrigin { HeloName = "web1", UserId = 4_000_000_000 }), StringComparison.Ordinal);

    [Fact]
    public void D08_An_IPv6_address_is_a_tagged_literal() => Assert.StartsWith(
        "Received: from [IPv6:::1] ([IPv6:::1])\r\n\tby ",
        Field(new MessageOrigin { HeloName = "[IPv6:::1]", Address = "IPv6:::1" }),
        StringComparison.Ordinal);

    [Fact]
    public void D08_The_relays_own_reports_come_from_nobody() => Assert.Equal(
        $"Received: by relay.example.net (RelayProxy) id {s_id}\r\n" +
        "\tfor <bob@example.org>; Sun, 22 Nov 2026 05:03:41 +0000\r\n",
        Field(MessageOrigin.Report));

    [Fact]
    public void D08_The_zone_is_the_machines_in_digits()
    {
        var date = new DateTimeOffset(2026, 1, 2, 23, 4, 5, TimeSpan.FromHours(-3.5));

        Assert.Equal("Fri, 02 Jan 2026 23:04:05 -0330", InternetDate.Format(date));
        Assert.Equal("Sat, 03 Jan 2026 02:34:05 +0000", InternetDate.Format(date.ToUniversalTime()));
    }

    [Fact]
    public async Task D09_With_two_recipients_neither_is_named()
    {
        var intake = new TestIntake();
        await using IntakeTransaction transaction = intake.Begin(TestIntake.Bob, TestIntake.Alice);
        transaction.Write("Subject: x\r\n\r\n"u8);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);

        string stored = Sequences.Text(intake.Store.Octets(transaction.Id));
        Assert.DoesNotContain("bob", stored, StringComparison.Ordinal);
        Assert.Contains($"id {transaction.Id};\r\n\tSun, 22 Nov", stored, StringComparison.Ordinal);
    }

    [Fact]
    public void D09_An_address_that_is_not_ASCII_is_not_named() => Assert.DoesNotContain(
        "for", Field(new MessageOrigin(), new Mailbox("j\u00fcrgen", "example.org")), StringComparison.Ordinal);

    [Theory]
    [InlineData("SMTP", " with SMTP ")]
    [InlineData("ESMTP", " with ESMTP ")]
    [InlineData("UTF8SMTP", " with UTF8SMTP ")]
    [InlineData("local", " with local ")]
    public void D10_The_protocol_is_named_by_its_keyword(string protocol, string clause) =>
        Assert.Contains(clause, Field(new MessageOrigin { Protocol = protocol }), StringComparison.Ordinal);

    [Theory]
    [InlineData("x)\r\nEvil: y")]
    [InlineData("x;y")]
    [InlineData("x(y")]
    [InlineData("a b")]
    [InlineData("\u00fc.example")]
    [InlineData("[127.0.0.1] ([8.8.8.8])")]
    [InlineData("[]")]
    [InlineData("a..b")]
    [InlineData(".")]
    [InlineData("x\u001b[2J")]
    [InlineData("\0")]
    public void A_HELO_name_that_is_no_domain_does_not_get_in(string heloName) => Assert.StartsWith(
        "Received: from [127.0.0.1] ([127.0.0.1])\r\n\tby ",
        Field(new MessageOrigin { HeloName = heloName, Address = "127.0.0.1" }),
        StringComparison.Ordinal);

    [Fact]
    public void A_HELO_name_of_any_length_keeps_lines_within_998_octets()
    {
        string[] lines = Field(
            new MessageOrigin { HeloName = new string('x', 255), Address = "127.0.0.1", UserId = 1, UserName = new string('(', 5000) },
            new Mailbox(new string('"', 255), new string('y', 255))).Split("\r\n");

        Assert.All(lines, line => Assert.InRange(line.Length, 0, 998));
        Assert.All(lines[..^1].Skip(1), line => Assert.StartsWith("\t", line, StringComparison.Ordinal));
        Assert.DoesNotContain(new string('x', 256), Field(new MessageOrigin { HeloName = new string('x', 256) }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_name_cannot_end_its_comment() => Assert.Contains(
        " (user a\\)\\(\\\\?? uid 5)\r\n", Field(new MessageOrigin { UserName = "a)(\\\r\u00fc", UserId = 5 }), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("x\r\nEvil: y")]
    public void A_host_name_that_is_none_becomes_localhost(string hostName) => Assert.Contains(
        "\r\n\tby localhost (RelayProxy) ", Field(new MessageOrigin(), hostName: hostName), StringComparison.Ordinal);

    private static string Field(MessageOrigin origin, Mailbox? recipient = null, string hostName = "relay.example.net")
    {
        var output = new ArrayBufferWriter<byte>();
        var date = new DateTimeOffset(2026, 11, 22, 5, 3, 41, TimeSpan.Zero);
        ReceivedField.Write(output, new Trace(s_id, origin, hostName, TestIntake.Alice, recipient ?? TestIntake.Bob, date));
        return Sequences.Text(output.WrittenSpan);
    }
}
