namespace RelayProxy.Mail;

/// <summary>
/// Finds the addresses of an address list (RFC 5322 §3.4, with the obsolete forms of §4.4 and UTF-8 by RFC 6532), from left to
/// right, in linear time and without recursion. Says where they stand and nothing else: what does not parse is passed over, so it
/// stays as it is. One broken item does not hide those beside it, unless nobody can tell where it ends.
/// </summary>
/// <param name="text">What follows a field's colon.</param>
internal ref struct AddressListScanner(ReadOnlySpan<byte> text)
{
    // address-list = [address] *("," [address])
    // address      = mailbox / (phrase ":" [address-list] ";")
    // mailbox      = addr-spec / ([phrase] "<" [route ":"] addr-spec ">")
    private readonly ReadOnlySpan<byte> _text = text;
    private HeaderTokens _tokens = new(text);

    /// <summary>Where the first item stands that was passed over though it holds something; <c>null</c> if none was so far. Neither a group
    /// of nobody nor <c>&lt;&gt;</c> counts, nor the front of an encoded word that has a comma in it, which is part of the name behind it.</summary>
    public Range? Unread { get; private set; }

    /// <summary>The next address; <c>false</c> if there is none.</summary>
    public bool TryNext(out HeaderAddress address)
    {
        while (_tokens.Kind is not HeaderTokenKind.Unended)
        {
            bool isFound = TryTakeItem(out address);
            if (isFound || _tokens.Kind == HeaderTokenKind.End)
            {
                return isFound;
            }
        }

        address = default;
        return false;
    }

    /// <summary>Reads to the end of the item, and leaves its last token there.</summary>
    private bool TryTakeItem(out HeaderAddress address)
    {
        address = default;
        var plain = default(AddressSpec);
        int start = _tokens.End;
        bool hasBrackets = false;
        bool isGood = true;
        bool namesNobody = true;
        for (_tokens.Next(); !IsAtEnd; _tokens.Next())
        {
            if (_tokens.IsMark(':') && !hasBrackets)
            {
                // What stood before it was a group's name.
                plain = default;
                start = _tokens.End;
                namesNobody = true;
            }
            else if (_tokens.IsMark('<') && !hasBrackets)
            {
                hasBrackets = true;
                isGood = TryTakeInBrackets(out address, out namesNobody);
                if (IsAtEnd)
                {
                    break;
                }
            }
            else
            {
                // As long as brackets may follow, it may still be a phrase.
                plain.Add(_tokens);
                isGood = !hasBrackets;
                namesNobody = false;
            }
        }

        if (_tokens.Kind == HeaderTokenKind.Unended)
        {
            Unread ??= start.._text.Length;
            return false;
        }

        if (!hasBrackets)
        {
            address = plain.Address();
            isGood = plain.IsWhole && (!address.IsBare || (plain.IsPlainName && !IsEncodedWord(address)));
            namesNobody |= plain.IsWhole && address.IsBare && IsEncodedWordCutShort(address);
        }

        Unread ??= isGood || namesNobody ? null : start.._tokens.Start;
        return isGood;
    }

    /// <summary>Reads up to <c>&gt;</c>; or, if it is not as it should be, to the token that shows it.</summary>
    private bool TryTakeInBrackets(out HeaderAddress address, out bool isNobody)
    {
        address = default;
        isNobody = false;
        int bracket = _tokens.Start;
        _tokens.Next();
        if (_tokens.IsMark('@') && !TrySkipRoute())
        {
            return false;
        }

        var spec = default(AddressSpec);
        while (!_tokens.IsMark('>'))
        {
            if (IsAtEnd || _tokens.IsMark('<'))
            {
                return false;
            }

            spec.Add(_tokens);
            _tokens.Next();
        }

        address = spec.Address(bracket);
        isNobody = spec.IsEmpty;
        return spec.IsWhole;
    }

    /// <summary><c>@a,@b:</c> (RFC 5322 §4.4), up to the colon and past it.</summary>
    private bool TrySkipRoute()
    {
        while (!_tokens.IsMark(':'))
        {
            if (!_tokens.IsMark('@') && !_tokens.IsMark(',') && !_tokens.IsMark('.')
                && _tokens.Kind is not (HeaderTokenKind.Atom or HeaderTokenKind.Literal))
            {
                return false;
            }

            _tokens.Next();
        }

        _tokens.Next();
        return true;
    }

    private readonly bool IsAtEnd =>
        _tokens.Kind is HeaderTokenKind.End or HeaderTokenKind.Unended || _tokens.IsMark(',') || _tokens.IsMark(';');

    /// <summary>A name in RFC 2047's encoding, or a piece of one with a comma in it, which is no user of this machine.</summary>
    private readonly bool IsEncodedWord(HeaderAddress address)
    {
        ReadOnlySpan<byte> name = _text[address.LocalStart..address.LocalEnd];
        return name.StartsWith("=?"u8) || name.EndsWith("?="u8);
    }

    private readonly bool IsEncodedWordCutShort(HeaderAddress address)
    {
        ReadOnlySpan<byte> name = _text[address.LocalStart..address.LocalEnd];
        return name.StartsWith("=?"u8) && !name.EndsWith("?="u8);
    }
}
