using System.Globalization;
using System.Text;
using RelayProxy.Telemetry;

namespace RelayProxy.Commands.Manual;

/// <summary>One page of the manual, written from top to bottom in the macros of man(7).</summary>
internal sealed class ManPage
{
    private readonly StringBuilder _source = new();
    private bool _belowHeading;

    /// <param name="names">The page's own first.</param>
    /// <param name="summary">What apropos(1) shows.</param>
    public ManPage(string[] names, int section, string summary, DateOnly date)
    {
        string title = Roff.Text(names[0].ToUpperInvariant());
        Line(string.Create(CultureInfo.InvariantCulture, $".TH \"{title}\" {section} {date:yyyy-MM-dd} \"RelayProxy {ProductVersion.Text}\""));
        Section("NAME");
        Line($@"{Roff.Text(string.Join(", ", names))} \- {Roff.Text(summary)}");
    }

    /// <summary>The page in roff.</summary>
    public override string ToString() => _source.ToString();

    public ManPage Section(string title) => Heading($".SH \"{Roff.Text(title)}\"");

    public ManPage Subsection(string title) => Heading($".SS \"{Roff.Text(title)}\"");

    /// <summary>A paragraph of <see cref="Roff.Prose"/>.</summary>
    public ManPage Paragraph(string text) => Gap().Line(Roff.Prose(text));

    /// <summary>A term, and below it what it means.</summary>
    /// <param name="term">In roff.</param>
    /// <param name="text">In <see cref="Roff.Prose"/>.</param>
    public ManPage Item(string term, string text) => Line(".TP").Line(term).Line(Roff.Prose(text));

    /// <summary>A line with nothing else on it.</summary>
    /// <param name="roff">In roff.</param>
    public ManPage Alone(string roff) => Gap().Line(roff);

    /// <summary>Another line, right below the one before.</summary>
    /// <param name="roff">In roff.</param>
    public ManPage Below(string roff) => Line(".br").Line(roff);

    /// <summary>Lines that stay as they are.</summary>
    public ManPage Verbatim(params IEnumerable<string> lines)
    {
        Gap().Line(".RS 4").Line(".EX");
        foreach (string line in lines)
        {
            Line(line.Length == 0 ? @"\&" : Roff.Text(line));
        }

        return Line(".EE").Line(".RE");
    }

    /// <summary>What stands further in than the item before it.</summary>
    public ManPage Indented(Action<ManPage> write)
    {
        Line(".RS");
        write(this);
        return Line(".RE");
    }

    /// <summary>Pages to read on.</summary>
    public ManPage SeeAlso(params IEnumerable<(string Name, int Section)> pages) =>
        Section("SEE ALSO").Line(string.Join(",\n", pages.Select(page => $"{Roff.Bold(page.Name)}({page.Section})")));

    private ManPage Heading(string roff)
    {
        Line(roff);
        _belowHeading = true;
        return this;
    }

    /// <summary>Below a heading there is one already.</summary>
    private ManPage Gap() => _belowHeading ? this : Line(".PP");

    private ManPage Line(string roff)
    {
        _belowHeading = false;
        _source.Append(roff).Append('\n');
        return this;
    }
}
