using System.Text;

namespace RelayProxy.Commands;

/// <summary>Rows in columns of fixed least width, so that a queue of a million messages is printed while it is read. A cell that is
/// too wide pushes its row, and only its row, to the right; the last column is never padded.</summary>
internal sealed class Table(CommandContext context, params (string Title, int Width)[] columns)
{
    private bool _begun;

    /// <summary>Writes a row, and the titles before the first.</summary>
    public void Row(params ReadOnlySpan<string> cells)
    {
        if (!_begun)
        {
            _begun = true;
            string titles = Line([.. columns.Select(column => column.Title)]);
            context.Output.WriteLine(context is { IsTerminal: true, NoColour: false } ? $"\e[1m{titles}\e[0m" : titles);
        }

        context.Say(Line(cells));
    }

    private string Line(ReadOnlySpan<string> cells)
    {
        var line = new StringBuilder();
        for (int i = 0; i < cells.Length; i++)
        {
            line.Append(i == cells.Length - 1 ? cells[i] : cells[i].PadRight(columns[i].Width)).Append(i == cells.Length - 1 ? "" : "  ");
        }

        return line.ToString().TrimEnd();
    }
}
