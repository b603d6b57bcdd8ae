namespace RelayProxy.Commands.Sendmail;

/// <summary>
/// SMTP as a script may speak it through a pipe: whoever ends his first line with LF alone ends all of them so, and what comes out ends in CRLF. Of
/// whoever begins with CRLF not an octet is changed: a lone LF in his message then ends no line, and with a dot behind it no message.
/// </summary>
internal sealed class SpokenLines(Stream inner) : Stream
{
    private byte[] _octets = new byte[8 * 1024];
    private int _start;
    private int _end;
    private bool? _isUnix;
    private bool _afterCr;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (_start == _end)
        {
            _start = 0;
            _end = inner.Read(_octets);
            if (_isUnix != false)
            {
                MendLineEnds();
            }
        }

        int length = Math.Min(buffer.Length, _end - _start);
        _octets.AsSpan(_start, length).CopyTo(buffer);
        _start += length;
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void MendLineEnds()
    {
        var mended = new List<byte>(2 * _end);
        for (int i = 0; i < _end; i++)
        {
            if (_octets[i] == '\n')
            {
                _isUnix ??= !_afterCr;
                if (_isUnix == true && !_afterCr)
                {
                    mended.Add((byte)'\r');
                }
            }

            _afterCr = _octets[i] == '\r';
            mended.Add(_octets[i]);
        }

        _octets = mended.Count <= _octets.Length ? _octets : new byte[mended.Count];
        mended.CopyTo(_octets);
        _end = mended.Count;
    }
}
