using System.Globalization;
using System.Text;

namespace RelayProxy.Commands.Top;

/// <summary>The whole terminal, in its other screen: what was on it before is there again when this is disposed of.</summary>
internal sealed class FullScreen : IDisposable
{
    private const string Enter = "\e[?1049h\e[?25l";

    /// <summary>The runtime gives cursor keys another meaning when it reads them, and does not take that back.</summary>
    private const string Leave = "\e[?1l\e>\e[?25h\e[?1049l";
    private const string WipeRestOfLine = "\e[K";
    private const string WipeBelow = "\e[J";

    private readonly CommandContext _context;

    public FullScreen(CommandContext context)
    {
        _context = context;
        _context.Output.Write(Enter);
    }

    public int Height => Math.Max(1, _context.ScreenSize().Height);

    /// <summary>Writes all lines in one go, so that nothing flickers. The first is a title.</summary>
    public void Draw(IReadOnlyList<string> lines)
    {
        int width = Math.Max(1, _context.ScreenSize().Width);
        var picture = new StringBuilder();
        for (int i = 0; i < Math.Min(lines.Count, Height); i++)
        {
            string line = TerminalText.Safe(lines[i]);
            line = line.Length > width ? line[..width] : line;
            picture.Append(CultureInfo.InvariantCulture, $"\e[{i + 1};1H")
                .Append(i == 0 && !_context.NoColour ? $"\e[1m{line}\e[0m" : line)
                .Append(line.Length < width ? WipeRestOfLine : "");
        }

        _context.Output.Write(picture.Append(WipeBelow));
    }

    public void Dispose() => _context.Output.Write(Leave);
}
