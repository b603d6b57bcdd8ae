namespace RelayProxy.Mail;

/// <summary>
/// Reads <c>addr-spec</c> token by token (RFC 5322 §3.4.1, §4.4): blanks and comments may stand around every dot, words may be quoted
/// one by one. Dots too many are taken: some providers have given such addresses out.
/// </summary>
internal struct AddressSpec
{
    private enum Place
    {
        Start,
        Word,
        LocalDot,
        At,
        Label,
        DomainDot,
        Literal,
        Broken,
    }

    private Place _place;
    private int _localStart;
    private int _localEnd;
    private int _domainStart;
    private int _domainEnd;
    private bool _isQuoted;

    public readonly bool IsEmpty => _place == Place.Start;

    /// <summary>An address with a domain, or a name without one.</summary>
    public readonly bool IsWhole => _place is Place.Word or Place.Label or Place.DomainDot or Place.Literal;

    /// <summary>A name that is nothing but one or more atoms. In quotes and without brackets it is rather a person's name.</summary>
    public readonly bool IsPlainName => _place == Place.Word && !_isQuoted;

    public void Add(in HeaderTokens token)
    {
        Place before = _place;
        _place = (before, token.Kind) switch
        {
            (Place.Start or Place.LocalDot, HeaderTokenKind.Atom or HeaderTokenKind.Quoted) => Place.Word,
            (Place.Word or Place.LocalDot, HeaderTokenKind.Mark) when token.IsMark('.') => Place.LocalDot,
            (Place.Word or Place.LocalDot, HeaderTokenKind.Mark) when token.IsMark('@') => Place.At,
            (Place.At or Place.DomainDot, HeaderTokenKind.Atom) => Place.Label,
            (Place.At, HeaderTokenKind.Literal) => Place.Literal,
            (Place.Label, HeaderTokenKind.Mark) when token.IsMark('.') => Place.DomainDot,
            _ => Place.Broken,
        };
        _localStart = before == Place.Start ? token.Start : _localStart;
        _localEnd = _place is Place.Word or Place.LocalDot ? token.End : _localEnd;
        _domainStart = before == Place.At ? token.Start : _domainStart;
        _domainEnd = _place is Place.Label or Place.DomainDot or Place.Literal ? token.End : _domainEnd;
        _isQuoted |= token.Kind == HeaderTokenKind.Quoted;
    }

    /// <param name="foldAt">Negative: where the address begins.</param>
    public readonly HeaderAddress Address(int foldAt = -1) => new(
        foldAt < 0 ? _localStart : foldAt,
        _localStart,
        _localEnd,
        _place == Place.Word ? _localEnd : _domainStart,
        _place == Place.Word ? _localEnd : _domainEnd);
}
