using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Telemetry;

namespace RelayProxy.Unit.Telemetry;

public partial class LogLayoutTests
{
    [Theory]
    [InlineData(TextLogPrefix.Time, "2026-11-22 05:00:00.000 warning: 00000000000G0: deferred for <a@example.net> after 1 attempts\n")]
    [InlineData(TextLogPrefix.Coloured, "2026-11-22 05:00:00.000 \e[33mwarning:\e[0m 00000000000G0: deferred for <a@example.net> after 1 attempts\n")]
    [InlineData(TextLogPrefix.Journal, "<4>00000000000G0: deferred for <a@example.net> after 1 attempts\n")]
    internal void Text_has_the_prefix_of_its_reader(TextLogPrefix prefix, string expected) =>
        Assert.Equal(expected, Written(new TextLogLayout(prefix), log => Log.Deferred(log, new QueueId(512), "a@example.net", 1)));

    [Theory]
    [InlineData(LogLevel.Trace, "<7>")]
    [InlineData(LogLevel.Debug, "<7>")]
    [InlineData(LogLevel.Information, "<6>")]
    [InlineData(LogLevel.Warning, "<4>")]
    [InlineData(LogLevel.Error, "<3>")]
    [InlineData(LogLevel.Critical, "<2>")]
    public void The_journal_is_told_the_priority(LogLevel level, string prefix) =>
        Assert.StartsWith(prefix, Written(new TextLogLayout(TextLogPrefix.Journal), log => Log.Said(log, level, "x")), StringComparison.Ordinal);

    [Fact]
    public void What_comes_from_outside_cannot_forge_a_line_nor_reach_the_terminal()
    {
        string line = Written(
            new TextLogLayout(TextLogPrefix.Journal),
            log => Log.Said(log, LogLevel.Information, "250 ok\r\n<2>root: rm\t\e[2J\0\u009b\u2028\u202e Grüße"));

        Assert.Equal("<6>said 250 ok\\u000d\\u000a<2>root: rm\\u0009\\u001b[2J\\u0000\\u009b\\u2028\\u202e Grüße\n", line);
    }

    [Fact]
    public void An_exception_is_told_on_the_same_line()
    {
        var fault = new IOException("disk\non fire");

        Assert.Equal(
            "<4>said x (IOException: disk\\u000aon fire)\n",
            Written(new TextLogLayout(TextLogPrefix.Journal), log => Log.SaidWith(log, LogLevel.Warning, "x", fault)));
        Assert.Equal(
            "<3>said x | System.IO.IOException: disk\\u000aon fire\n",
            Written(new TextLogLayout(TextLogPrefix.Journal), log => Log.SaidWith(log, LogLevel.Error, "x", fault)));
    }

    [Fact]
    public void Json_is_one_object_on_a_line_with_every_value_by_name()
    {
        string line = Written(new JsonLogLayout(), log => Log.Deferred(log, new QueueId(512), "a@example.net\n", 1));

        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        JsonElement json = JsonDocument.Parse(line).RootElement;
        Assert.Equal(
            ["ts", "level", "event", "id", "room", "message", "qid", "to", "attempts"],
            json.EnumerateObject().Select(property => property.Name));
        Assert.Equal("2026-11-22T05:00:00Z", json.GetProperty("ts").GetString());
        Assert.Equal(("warning", "Deferred", 1234), (json.GetProperty("level").GetString(), json.GetProperty("event").GetString(), json.GetProperty("id").GetInt32()));
        Assert.Equal(("Delivery", "00000000000G0", 1), (json.GetProperty("room").GetString(), json.GetProperty("qid").GetString(), json.GetProperty("attempts").GetInt32()));
        Assert.Equal("00000000000G0: deferred for <a@example.net\n> after 1 attempts", json.GetProperty("message").GetString());
        Assert.Equal("a@example.net\n", json.GetProperty("to").GetString());
    }

    [Fact]
    public void Json_has_no_line_end_or_control_character_but_its_last()
    {
        string line = Written(new JsonLogLayout(), log => Log.Said(log, LogLevel.Information, "\r\n\t\0\e\u0085\u009b\u2028\u2029\u202e"));

        Assert.DoesNotContain(line[..^1], letter => char.IsControl(letter) || letter is '\u2028' or '\u2029');
        Assert.Contains("\\u2029\\u202e", line, StringComparison.Ordinal);
        Assert.Equal("\r\n\t\0\e\u0085\u009b\u2028\u2029\u202e", JsonDocument.Parse(line).RootElement.GetProperty("what").GetString());
    }

    [Theory]
    [InlineData('\u061c')]
    [InlineData('\u200b')]
    [InlineData('\u200e')]
    [InlineData('\u202a')]
    [InlineData('\u202e')]
    [InlineData('\u2066')]
    [InlineData('\u2069')]
    [InlineData('\ufeff')]
    public void Json_spells_out_what_turns_the_direction_of_text_or_hides_in_it(char letter)
    {
        string text = $"grün{letter}x<>&'";
        string line = Written(new JsonLogLayout(), log => Log.Said(log, LogLevel.Information, text));

        Assert.DoesNotContain(letter, line);
        Assert.Contains($"grün\\u{(int)letter:x4}x<>&'", line, StringComparison.Ordinal);
        Assert.Equal(text, JsonDocument.Parse(line).RootElement.GetProperty("what").GetString());
    }

    [Fact]
    public void Json_for_the_journal_has_the_priority_before_it() =>
        Assert.StartsWith("<4>{", Written(new JsonLogLayout(TextLogPrefix.Journal), log => Log.Said(log, LogLevel.Warning, "x")), StringComparison.Ordinal);

    [Fact]
    public void A_veil_lies_over_every_address_in_words_and_values_and_exceptions_and_not_over_a_message_id()
    {
        var fault = new IOException("no mailbox for ann@example.net");
        static void Write(ILogger log, Exception? fault) => Log.Found(log, "bob@example.org", "<1@example.org>", "550 no bob@example.org", fault);
        var veil = new AddressVeil(hashed: false, "");

        JsonElement json = JsonDocument.Parse(Written(new JsonLogLayout(veil: veil), log => Write(log, fault))).RootElement;
        Assert.Equal(("b***@example.org", "<1@example.org>", "550 no b***@example.org"),
            (json.GetProperty("to").GetString(), json.GetProperty("msgid").GetString(), json.GetProperty("reply").GetString()));
        Assert.Equal("to=<b***@example.org> message-id=<1@example.org>: 550 no b***@example.org", json.GetProperty("message").GetString());
        Assert.Contains("a***@example.net", json.GetProperty("exception").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            "<4>to=<b***@example.org> message-id=<1@example.org>: 550 no b***@example.org (IOException: no mailbox for a***@example.net)\n",
            Written(new TextLogLayout(TextLogPrefix.Journal, veil), log => Write(log, fault)));
    }

    [Fact]
    public void Json_keeps_numbers_and_durations_as_numbers_and_its_own_fields_apart()
    {
        JsonElement json = JsonDocument.Parse(Written(
            new JsonLogLayout(), log => Log.Measured(log, 5_000_000_000, TimeSpan.FromMilliseconds(1500), true, null, "mine"))).RootElement;

        Assert.Equal(5_000_000_000, json.GetProperty("size").GetInt64());
        Assert.Equal(1.5, json.GetProperty("delay").GetDouble());
        Assert.True(json.GetProperty("flag").GetBoolean());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("nothing").ValueKind);
        Assert.Equal("mine", json.GetProperty("level_").GetString());
    }

    [Fact]
    public void Events_below_the_level_are_not_written_and_the_level_can_change()
    {
        LogLevel level = LogLevel.Warning;
        var output = new MemoryStream();
        using (var log = new RelayLog(new LogWriter(output), new TextLogLayout(TextLogPrefix.Journal), () => level, new TestClock()))
        {
            ILogger logger = log.CreateLogger("Delivery");
            Log.Said(logger, LogLevel.Information, "unheard");
            level = LogLevel.Debug;
            Log.Said(logger, LogLevel.Debug, "heard");
            level = LogLevel.None;
            Log.Said(logger, LogLevel.Critical, "unheard");
        }

        Assert.Equal("<7>said heard\n", Encoding.UTF8.GetString(output.ToArray()));
    }

    [Theory]
    [InlineData(LogLevel.Information, LogLevel.Information, false)]
    [InlineData(LogLevel.Debug, LogLevel.Information, false)]
    [InlineData(LogLevel.Debug, LogLevel.Warning, true)]
    [InlineData(LogLevel.Error, LogLevel.Warning, false)]
    [InlineData(LogLevel.Trace, LogLevel.Debug, true)]
    public void The_web_servers_own_news_is_heard_from_warnings_on(LogLevel level, LogLevel said, bool heard)
    {
        using var log = new RelayLog(new LogWriter(Stream.Null), new JsonLogLayout(), () => level, new TestClock());

        Assert.Equal(heard, log.CreateLogger("Microsoft.AspNetCore.Server.Kestrel").IsEnabled(said));
    }

    [Theory]
    [InlineData(LogFormat.Auto, true, false, typeof(TextLogLayout))]
    [InlineData(LogFormat.Auto, false, true, typeof(TextLogLayout))]
    [InlineData(LogFormat.Auto, false, false, typeof(JsonLogLayout))]
    [InlineData(LogFormat.Text, false, false, typeof(TextLogLayout))]
    [InlineData(LogFormat.Json, true, false, typeof(JsonLogLayout))]
    internal void The_layout_follows_the_reader(LogFormat format, bool isTerminal, bool isJournal, Type layout) =>
        Assert.IsType(layout, LogDestination.Layout(new LoggingOptions { Format = format }, isTerminal, isJournal, noColour: false));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("8:1")]
    [InlineData("nonsense")]
    public void A_variable_that_names_another_stream_does_not_make_a_journal(string? journalStream) =>
        Assert.False(LogDestination.IsJournal(journalStream));

    private static string Written(ILogLayout layout, Action<ILogger> write)
    {
        var output = new MemoryStream();
        using (var log = new RelayLog(new LogWriter(output), layout, () => LogLevel.Trace, new TestClock()))
        {
            write(log.CreateLogger("Delivery"));
        }

        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static partial class Log
    {
        [LoggerMessage(1234, LogLevel.Warning, "{QueueId}: deferred for <{Recipient}> after {Attempts} attempts")]
        public static partial void Deferred(ILogger logger, QueueId queueId, string recipient, int attempts);

        [LoggerMessage(EventId = 1236, Message = "said {What}")]
        public static partial void Said(ILogger logger, LogLevel level, string what);

        [LoggerMessage(EventId = 1237, Message = "said {What}")]
        public static partial void SaidWith(ILogger logger, LogLevel level, string what, Exception exception);

        [LoggerMessage(1235, LogLevel.Warning, "to=<{Recipient}> message-id={MessageId}: {Reply}")]
        public static partial void Found(ILogger logger, string recipient, string messageId, string reply, Exception? fault);

        [LoggerMessage(1238, LogLevel.Information, "{Octets} {Delay} {Flag} {Nothing} {Level}")]
        public static partial void Measured(ILogger logger, long octets, TimeSpan delay, bool flag, string? nothing, string level);
    }
}
