namespace RelayProxy.Configuration.Dma;

/// <summary>One line of dma.conf.</summary>
/// <param name="Value">Without the blanks around it; empty for a switch.</param>
internal sealed record DmaDirective(string Name, string Value, int Line);

/// <summary>
/// The lines of dma.conf: a keyword, and behind one blank its value; <c>#</c> begins a comment wherever it stands, and the last line of a
/// keyword counts. dma itself passes over indented lines, takes blanks for a part of the value, and stops at CRLF, lower case or a blank behind a
/// switch; here all these are taken as meant.
/// </summary>
internal sealed class DmaDirectives
{
    private static readonly string[] s_switches =
        ["SECURETRANSFER", "STARTTLS", "OPPORTUNISTIC_TLS", "VERIFYCERT", "INSECURE", "DEFER", "FULLBOUNCE", "NULLCLIENT"];

    private static readonly string[] s_values =
        ["SMARTHOST", "PORT", "ALIASES", "SPOOLDIR", "AUTHPATH", "FINGERPRINT", "CERTFILE", "MAILNAME", "MASQUERADE"];

    /// <summary>What other versions of dma, and its own manual, call things.</summary>
    private static readonly Dictionary<string, string> s_others = new(StringComparer.Ordinal)
    {
        ["SECURE"] = "SECURETRANSFER, which is what dma's manual means by it",
        ["OPPORTUNISTICTLS"] = "STARTTLS and SECURETRANSFER",
        ["MAILNAMEFILE"] = "MAILNAME /etc/mailname",
        ["VIRTPATH"] = "Rewrite:SenderMap in relayproxy.json",
        ["SMTP"] = "SMARTHOST",
    };

    private readonly Dictionary<string, DmaDirective> _directives = [];
    private readonly DmaReport _report;

    private DmaDirectives(DmaReport report) => _report = report;

    public static DmaDirectives Read(string text, DmaReport report)
    {
        var directives = new DmaDirectives(report);
        string[] lines = text.Split('\n');
        if (Array.FindIndex(lines, line => line.EndsWith('\r')) is >= 0 and int first)
        {
            report.Warn("", report.SourceOf(first + 1), "ends its lines with CR LF, which dma takes for a part of them; they are read without the CR");
        }

        for (int i = 0; i < lines.Length; i++)
        {
            directives.Take(lines[i].TrimEnd('\r'), i + 1);
        }

        return directives;
    }

    public DmaDirective? Find(string name) => _directives.GetValueOrDefault(name);

    public bool Has(string name) => _directives.ContainsKey(name);

    private void Take(string line, int number)
    {
        line = line.Split('#')[0];
        string text = line.TrimStart();
        if (text.Length == 0)
        {
            return;
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            _report.Refuse("", _report.SourceOf(number), "holds a NUL, which no line of dma's can; write the line anew");
            return;
        }

        string keyword = text.Split(' ', '\t')[0];
        string rest = text.Length > keyword.Length ? text[(keyword.Length + 1)..] : "";
        var directive = new DmaDirective(keyword.ToUpperInvariant(), rest.Trim(), number);
        bool isSwitch = s_switches.Contains(directive.Name);
        if (!isSwitch && !s_values.Contains(directive.Name))
        {
            _report.Refuse(keyword, _report.SourceOf(number), Unknown(keyword));
        }
        else if (isSwitch && directive.Value.Length > 0)
        {
            _report.Refuse(directive, $"takes no value; write {directive.Name} alone, or leave the line out");
        }
        else if (!isSwitch && directive.Value.Length == 0)
        {
            _report.Refuse(directive, "has no value; write one behind it, or leave the line out");
        }
        else
        {
            Forgive(directive, isIndented: text.Length < line.Length, isLower: keyword != directive.Name, hasBlanks: rest != directive.Value);
            Keep(directive, isSwitch);
        }
    }

    private void Forgive(DmaDirective directive, bool isIndented, bool isLower, bool hasBlanks)
    {
        if (isIndented)
        {
            _report.Warn(directive, "is indented, and dma passes over such lines; here it counts");
        }

        if (isLower)
        {
            _report.Warn(directive, "is not in capitals, as dma wants it; here it counts");
        }

        // dma itself forgives blanks where it reads a number.
        if (hasBlanks && directive.Name != "PORT")
        {
            _report.Warn(directive, directive.Value.Length == 0
                ? "has blanks behind it, which dma may take for a value; here they are nothing"
                : "has blanks around its value, which dma takes for a part of it; here they are not");
        }
    }

    private void Keep(DmaDirective directive, bool isSwitch)
    {
        if (!isSwitch && Find(directive.Name) is { } earlier && earlier.Value != directive.Value)
        {
            _report.Warn(earlier, $"is set again in line {directive.Line}, which counts");
        }

        _directives[directive.Name] = directive;
        _report.Directives.Add(directive);
    }

    private static string Unknown(string keyword)
    {
        if (keyword.Contains('=', StringComparison.Ordinal))
        {
            return "is no directive of dma.conf; write a blank between keyword and value instead of =";
        }

        string? meant = s_others.GetValueOrDefault(keyword.ToUpperInvariant())
            ?? DidYouMean.Nearest(keyword, s_switches.Concat(s_values));
        return meant is null
            ? $"is no directive of dma.conf; it knows {string.Join(", ", s_values.Concat(s_switches))}"
            : $"is no directive of dma.conf; did you mean {meant}?";
    }
}
