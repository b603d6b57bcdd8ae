using System.Text;

namespace RelayProxy.Submission.Text;

/// <summary>Whether octets that come in pieces are UTF-8 (RFC 3629 §4): a letter may be cut in two anywhere.</summary>
internal struct Utf8Check
{
    // UTF8-2 = %xC2-DF UTF8-tail
    // UTF8-3 = %xE0 %xA0-BF UTF8-tail / %xE1-EC 2( UTF8-tail ) / %xED %x80-9F UTF8-tail / %xEE-EF 2( UTF8-tail )
    // UTF8-4 = %xF0 %x90-BF 2( UTF8-tail ) / %xF1-F3 3( UTF8-tail ) / %xF4 %x80-8F 2( UTF8-tail )
    private int _tails;
    private byte _least;
    private byte _most;
    private bool _isBroken;

    /// <summary>So far, and if this was all.</summary>
    public readonly bool IsValid => !_isBroken && _tails == 0;

    public void Add(ReadOnlySpan<byte> octets)
    {
        if (_isBroken || (_tails == 0 && Ascii.IsValid(octets)))
        {
            return;
        }

        foreach (byte octet in octets)
        {
            if (_tails > 0)
            {
                _isBroken |= octet < _least || octet > _most;
                _tails--;
                (_least, _most) = (0x80, 0xbf);
                continue;
            }

            _tails = octet switch
            {
                < 0x80 => 0,
                >= 0xc2 and < 0xe0 => 1,
                >= 0xe0 and < 0xf0 => 2,
                >= 0xf0 and <= 0xf4 => 3,
                _ => -1,
            };
            if (_tails < 0)
            {
                _isBroken = true;
                return;
            }

            _least = octet switch
            {
                0xe0 => 0xa0,
                0xf0 => 0x90,
                _ => 0x80,
            };
            _most = octet switch
            {
                0xed => 0x9f,
                0xf4 => 0x8f,
                _ => 0xbf,
            };
        }
    }
}
