using System.Globalization;
using System.Text;
using RelayProxy.Smtp;

namespace RelayProxy.Commands.Demo;

/// <summary>How the demonstration looks: plain text, and a little colour where it is a terminal that reads it.</summary>
internal sealed class DemoScreen(TextWriter output, bool colour)
{
    private const int MaxShownLines = 60;
    private const int MaxShownLineOctets = 1000;
    private readonly Lock _lock = new();

    public void Heading(string text) => Write($"\n{Painted("1", Visible(text))}\n");

    public void Line(string text = "") => Write($"{text}\n");

    public void LogLine(string text) => Write($"  {Painted("2", Visible(text))}\n");

    public void Dialogue(IEnumerable<DialogueLine> lines)
    {
        var text = new StringBuilder();
        foreach (DialogueLine line in lines)
        {
            string shown = $"  {(line.FromServer ? "<-" : "->")} {Visible(line.Text)}".TrimEnd();
            text.Append(line.FromServer ? Painted("36", shown) : shown).Append('\n');
        }

        Write(text.ToString());
    }

    /// <summary>The message as it arrived, under a heading, in one piece: what is written at the same time does not come between. Control characters
    /// are made visible: whoever sends mail does not get to paint on this terminal.</summary>
    public void Message(string heading, DemoArrival arrival)
    {
        string[] lines = Encoding.UTF8.GetString(arrival.Content.Span).Split("\r\n");
        var text = new StringBuilder($"\n{Painted("1", Visible(heading))}\n");
        foreach (string line in lines.SkipLast(lines[^1].Length == 0 ? 1 : 0).Take(MaxShownLines))
        {
            text.Append("  ").Append(Painted("33", "|")).Append(line.Length > 0 ? " " : "").Append(Visible(line)).Append('\n');
        }

        if (lines.Length > MaxShownLines || arrival.Octets > arrival.Content.Length)
        {
            text.Append(CultureInfo.InvariantCulture, $"  | (and so on: {arrival.Octets:N0} octets in all)\n");
        }

        Write(text.ToString());
    }

    private static string Visible(string text) => Printable.Of(Encoding.UTF8.GetBytes(text), allowUtf8: true, MaxShownLineOctets);

    private string Painted(string code, string text) => colour ? $"\u001b[{code}m{text}\u001b[0m" : text;

    private void Write(string text)
    {
        lock (_lock)
        {
            output.Write(text);
            output.Flush();
        }
    }
}
