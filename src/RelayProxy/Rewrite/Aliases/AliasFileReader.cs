using System.Buffers;
using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Rewrite.Aliases;

/// <summary>Reads one text, once: the grammar is with <see cref="AliasFile.Read"/>.</summary>
internal sealed class AliasFileReader(string source, string text)
{
    private static readonly SearchValues<char> s_endsKey = SearchValues.Create(" \t\r\n:,\"|/\\<([");

    private readonly AliasCursor _cursor = new(source, text);
    private readonly List<AliasEntry> _entries = [];
    private readonly List<AliasProblem> _problems = [];

    // Of the comma-separated item that is being read: words that may turn out to be the name before an <address>.
    private readonly List<(string Text, AliasPlace Place, bool IsQuoted)> _words = [];
    private List<AliasDestination> _destinations = [];
    private int _inItem;
    private bool _saidBlanks;

    public AliasFile ReadEntries()
    {
        for (_cursor.SkipToEntry(); !_cursor.IsAtEnd; _cursor.SkipToEntry())
        {
            AliasPlace place = _cursor.Place;
            if (ReadKey(place) is not { } key)
            {
                _cursor.SkipEntry();
                continue;
            }

            ReadDestinations(isList: false);
            if (_destinations.Count == 0)
            {
                Error(place, $"{key} has no destination; the line is ignored");
            }
            else
            {
                _entries.Add(new AliasEntry(key, place, _destinations));
            }
        }

        return new AliasFile(_entries, _problems);
    }

    public AliasFile ReadList()
    {
        var all = new List<AliasDestination>();
        for (_cursor.SkipToEntry(); !_cursor.IsAtEnd; _cursor.SkipToEntry())
        {
            ReadDestinations(isList: true);
            all.AddRange(_destinations);
        }

        return new AliasFile([new AliasEntry(new AliasKey(source, ""), new AliasPlace(source), all, isList: true)], _problems);
    }

    private AliasKey? ReadKey(AliasPlace place)
    {
        int start = _cursor.At;
        int depth = 0;
        while (_cursor.Current != ':' || depth > 0)
        {
            if (_cursor.IsAtLineEnd)
            {
                Error(place, "there is no colon; an alias is written \"name: destination, destination\"");
                return null;
            }

            if (_cursor.Current == '"' && !_cursor.TryTakeQuoted())
            {
                Error(place, "the quoted name does not end on its line");
                return null;
            }

            // The colons of an IPv6 literal are its own.
            depth = _cursor.Current switch { '[' => 1, ']' => 0, _ => depth };
            if (!_cursor.IsAtLineEnd && (_cursor.Current != ':' || depth > 0) && _cursor.Current != '"')
            {
                _cursor.Next();
            }
        }

        string name = _cursor.From(start).TrimEnd(' ', '\t');
        _cursor.Next();
        if (AliasKey.TryParse(name, out AliasKey key))
        {
            return key;
        }

        Error(place, name.AsSpan().ContainsAny(' ', '\t') && !name.Contains('"', StringComparison.Ordinal)
            ? $"\"{name}\" has a blank in it; write it in quotes"
            : $"\"{name}\" is not a name that an alias could have");
        return null;
    }

    private void ReadDestinations(bool isList)
    {
        _destinations = [];
        _saidBlanks = false;
        bool afterComma = true;
        while (true)
        {
            bool indented = _cursor.SkipBlanks();
            if (indented && !isList && !afterComma && IsKeyAhead())
            {
                Warning(_cursor.Place, "this looks like an alias of its own and is taken for one; remove the blanks before it");
                break;
            }

            if (_cursor.IsAtLineEnd)
            {
                break;
            }

            if (_cursor.Current == ',')
            {
                _cursor.Next();
                EndItem();
                afterComma = true;
                continue;
            }

            if (indented && isList)
            {
                EndItem();
            }

            afterComma = false;
            ReadOne();
        }

        EndItem();
    }

    private void ReadOne()
    {
        AliasPlace place = _cursor.Place;
        int start = _cursor.At;
        switch (_cursor.Current)
        {
            case '|':
                if (TakeUntilComma())
                {
                    Add(_cursor.From(start).TrimEnd(' ', '\t'), place);
                }
                else
                {
                    AddUnended(place);
                }

                break;
            case '<':
                TakeAngle(place);
                break;
            case '(':
                TakeComment(place);
                break;
            case '"':
                TakeQuoted(place, start);
                break;
            default:
                if (AliasWords.TakesTheLine(_cursor.Rest))
                {
                    Add(TakeTextLine(), place);
                    break;
                }

                AddWord(start, place);
                break;
        }
    }

    private void TakeQuoted(AliasPlace place, int start)
    {
        if (!_cursor.TryTakeQuoted())
        {
            AddUnended(place);
            return;
        }

        if (_cursor.Current is '@' or '.')
        {
            AddWord(start, place);
            return;
        }

        _words.Add((_cursor.From(start), place, true));
    }

    private void AddWord(int start, AliasPlace place)
    {
        if (TakeWord())
        {
            _words.Add((_cursor.From(start), place, false));
        }
        else
        {
            AddUnended(place);
        }
    }

    private void AddUnended(AliasPlace place) =>
        Add(AliasWords.Broken(place, out string trouble, "the quotes do not end on their line"), trouble);

    /// <summary>A word, with what is quoted in it; false if the quotes do not end.</summary>
    private bool TakeWord()
    {
        // The first letter is whatever it is.
        bool first = true;
        while (!_cursor.IsAtWordEnd && (first || _cursor.Current is not ('<' or '(')))
        {
            first = false;
            if (_cursor.Current != '"')
            {
                _cursor.Next();
            }
            else if (!_cursor.TryTakeQuoted())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A command has blanks in it, and ends at a comma or a comment that stands outside quotes.</summary>
    private bool TakeUntilComma()
    {
        char before = '|';
        while (!_cursor.IsAtLineEnd && _cursor.Current != ',' && !(_cursor.Current == '#' && before is ' ' or '\t'))
        {
            before = _cursor.Current;
            if (before != '"')
            {
                _cursor.Next();
            }
            else if (!_cursor.TryTakeQuoted())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A text with commas in it: all that is left of the line.</summary>
    private string TakeTextLine()
    {
        int start = _cursor.At;
        char before = ':';
        while (!_cursor.IsAtLineEnd && !(_cursor.Current == '#' && before is ' ' or '\t'))
        {
            before = _cursor.Next();
        }

        return _cursor.From(start).TrimEnd();
    }

    /// <summary><c>Jo Doe &lt;jo@example.net&gt;</c>: the words before it are its name, unless they are addresses themselves.</summary>
    private void TakeAngle(AliasPlace place)
    {
        _cursor.Next();
        int start = _cursor.At;
        while (!_cursor.IsAtLineEnd && _cursor.Current != '>')
        {
            if (_cursor.Current == '"')
            {
                _cursor.TryTakeQuoted();
            }
            else
            {
                _cursor.Next();
            }
        }

        string inside = _cursor.From(start);
        if (_cursor.IsAtLineEnd)
        {
            Add(AliasWords.Broken(place, out string trouble, "the < has no >"), trouble);
            return;
        }

        _cursor.Next();
        int name = _words.Count;
        while (name > 0 && (_words[name - 1].IsQuoted || !_words[name - 1].Text.Contains('@', StringComparison.Ordinal)))
        {
            name--;
        }

        _words.RemoveRange(name, _words.Count - name);
        EndWords();
        if (!AliasWords.IsUnreadable(inside) && MailboxParser.TryParse(inside.Trim(), out Mailbox? address))
        {
            Add(new AliasDestination(AliasDestinationKind.Address, place, Address: address), null);
        }
        else
        {
            Add(AliasWords.Broken(place, out string trouble, "what is between < and > is not an address"), trouble);
        }
    }

    private void TakeComment(AliasPlace place)
    {
        while (!_cursor.IsAtLineEnd && _cursor.Current != ')')
        {
            _cursor.Next();
        }

        if (_cursor.IsAtLineEnd)
        {
            Add(AliasWords.Broken(place, out string trouble, "the ( has no )"), trouble);
        }
        else
        {
            _cursor.Next();
        }
    }

    private void EndItem()
    {
        EndWords();
        _inItem = 0;
    }

    private void EndWords()
    {
        foreach ((string word, AliasPlace place, bool isQuoted) in _words)
        {
            if (isQuoted)
            {
                AddQuoted(word, place);
            }
            else
            {
                Add(word, place);
            }
        }

        _words.Clear();
    }

    /// <summary><c>"|program arguments"</c>, <c>"jo@example.net"</c>, or a name with blanks in it.</summary>
    private void AddQuoted(string quoted, AliasPlace place)
    {
        string inside = Unquoted(quoted);
        AliasDestination destination = AliasWords.Read(inside.Trim(), place, out string? trouble);
        if (trouble is not null && !AliasWords.IsUnreadable(inside) && inside is not ([] or ['|' or '/' or ':' or '\\', ..]) && MailboxParser.TryParse(quoted, out Mailbox? name))
        {
            (destination, trouble) = (new AliasDestination(AliasDestinationKind.Address, place, Address: name), null);
        }

        Add(destination, trouble);
    }

    private void Add(string word, AliasPlace place) => Add(AliasWords.Read(word, place, out string? trouble), trouble);

    private void Add(AliasDestination destination, string? trouble)
    {
        if (trouble is not null)
        {
            Error(destination.Place, trouble);
        }
        else if (++_inItem == 2 && !_saidBlanks)
        {
            _saidBlanks = true;
            Warning(destination.Place, "destinations without a comma between them; each is taken");
        }

        _destinations.Add(destination);
    }

    private static string Unquoted(string quoted)
    {
        var inside = new StringBuilder(quoted.Length);
        for (int i = 1; i < quoted.Length - 1; i++)
        {
            // Only what would end the string, and the backslash itself: "\root" is \root.
            i += quoted[i] == '\\' && quoted[i + 1] is '"' or '\\' && i + 1 < quoted.Length - 1 ? 1 : 0;
            inside.Append(quoted[i]);
        }

        return inside.ToString();
    }

    /// <summary>Whether a name and a colon stand where a destination could; <c>error:</c> is one of those.</summary>
    private bool IsKeyAhead()
    {
        ReadOnlySpan<char> rest = _cursor.Rest;
        int end = rest.StartsWith('"') ? rest[1..].IndexOfAny('"', '\n') + 2 : rest.IndexOfAny(s_endsKey);
        if (end <= (rest.StartsWith('"') ? 1 : 0) || end >= rest.Length || rest[end - 1] == '\n')
        {
            return false;
        }

        return rest[end..].TrimStart(" \t").StartsWith(':') && !rest.StartsWith("error:", StringComparison.OrdinalIgnoreCase);
    }

    private void Error(AliasPlace place, string text) => _problems.Add(new AliasProblem(place, false, text));

    private void Warning(AliasPlace place, string text) => _problems.Add(new AliasProblem(place, true, text));
}
