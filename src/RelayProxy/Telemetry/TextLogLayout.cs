using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace RelayProxy.Telemetry;

/// <summary>What stands before the words of a text line.</summary>
internal enum TextLogPrefix
{
    /// <summary>Date, time and level: <c>2026-11-22 06:30:12.123 warning: …</c></summary>
    Time,

    /// <summary>The same, levels in colour.</summary>
    Coloured,

    /// <summary>The priority as sd-daemon(3) has it: <c>&lt;4&gt;…</c>; the journal knows the time itself.</summary>
    Journal,
}

/// <summary>A line of words for each event. What came from outside cannot begin a line of its own: control characters are escaped.</summary>
/// <param name="veil">Put over addresses; <c>null</c> for none.</param>
internal sealed class TextLogLayout(TextLogPrefix prefix, AddressVeil? veil = null) : ILogLayout
{
    public void Write(in LogEvent entry, IBufferWriter<byte> line)
    {
        Span<byte> start = line.GetSpan(64);
        line.Advance(WritePrefix(entry, start));
        WriteEscaped(entry.Message, line);
        if (entry.Exception is { } exception)
        {
            // A fault of ours needs its stack; what the world did to us is told by its message.
            WriteEscaped(
                entry.Level >= LogLevel.Error ? $" | {exception}" : $" ({exception.GetType().Name}: {exception.Message})", line);
        }

        line.Write("\n"u8);
    }

    private int WritePrefix(in LogEvent entry, Span<byte> start)
    {
        if (prefix == TextLogPrefix.Journal)
        {
            start[0] = (byte)'<';
            start[1] = Priority(entry.Level);
            start[2] = (byte)'>';
            return 3;
        }

        entry.At.TryFormat(start, out int length, "yyyy-MM-dd HH:mm:ss.fff ", CultureInfo.InvariantCulture);
        (string name, string colour) = Name(entry.Level);
        string level = prefix == TextLogPrefix.Coloured && colour.Length > 0 ? $"\e[{colour}m{name}:\e[0m " : $"{name}: ";
        return length + Encoding.ASCII.GetBytes(level, start[length..]);
    }

    /// <summary>As a digit.</summary>
    public static byte Priority(LogLevel level) => level switch
    {
        LogLevel.Critical => (byte)'2',
        LogLevel.Error => (byte)'3',
        LogLevel.Warning => (byte)'4',
        LogLevel.Information => (byte)'6',
        LogLevel.Debug or LogLevel.Trace or LogLevel.None => (byte)'7',
    };

    private static (string Name, string Colour) Name(LogLevel level) => level switch
    {
        LogLevel.Critical => ("critical", "1;31"),
        LogLevel.Error => ("error", "31"),
        LogLevel.Warning => ("warning", "33"),
        LogLevel.Information => ("info", ""),
        LogLevel.Debug => ("debug", "2"),
        LogLevel.Trace or LogLevel.None => ("trace", "2"),
    };

    /// <summary>An escape sequence in an address must not reach a terminal, nor a line feed in a reply forge a line.</summary>
    private void WriteEscaped(string text, IBufferWriter<byte> line) =>
        Encoding.UTF8.GetBytes(LogText.Printable(veil?.Over(text) ?? text, int.MaxValue), line);
}
