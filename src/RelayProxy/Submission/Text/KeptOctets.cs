namespace RelayProxy.Submission.Text;

/// <summary>
/// Octets of any number in constant memory: those beyond the first MiB lie in a file that only its owner could open while it had a name. It
/// has none any more, so that nothing of it is left behind however this process ends.
/// </summary>
/// <param name="folder">Where the file would be.</param>
internal sealed class KeptOctets(string folder) : IDisposable
{
    private const int MaxInMemory = 1024 * 1024;

    /// <summary>All there is; once there is a file, what is on its way into it or out of it.</summary>
    private byte[] _octets = new byte[16 * 1024];
    private int _length;
    private FileStream? _file;
    private long _inFile;

    public long Length => _inFile + _length;

    /// <exception cref="SubmissionException">There is no room for the file.</exception>
    public void Append(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            if (_length == _octets.Length)
            {
                MakeRoom();
            }

            int taken = Math.Min(octets.Length, _octets.Length - _length);
            octets[..taken].CopyTo(_octets.AsSpan(_length));
            _length += taken;
            octets = octets[taken..];
        }
    }

    /// <summary>What begins at a place: all that follows, or a good piece of it, until the next call.</summary>
    /// <param name="at">Less than <see cref="Length"/>.</param>
    /// <exception cref="SubmissionException">The file cannot be read.</exception>
    public ReadOnlySpan<byte> From(long at)
    {
        if (_file is null)
        {
            return _octets.AsSpan((int)at, _length - (int)at);
        }

        try
        {
            WriteOut();
            int read = RandomAccess.Read(_file.SafeFileHandle, _octets, at);
            return read > 0 ? _octets.AsSpan(0, read) : throw new EndOfStreamException("it is shorter than it was");
        }
        catch (IOException fault)
        {
            throw TextRefusals.NoRoom(folder, fault);
        }
    }

    public void Dispose() => _file?.Dispose();

    private void MakeRoom()
    {
        if (_octets.Length < MaxInMemory)
        {
            Array.Resize(ref _octets, 2 * _octets.Length);
            return;
        }

        try
        {
            _file ??= CreateFile();
            WriteOut();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw TextRefusals.NoRoom(folder, fault);
        }
    }

    private void WriteOut()
    {
        RandomAccess.Write(_file!.SafeFileHandle, _octets.AsSpan(0, _length), _inFile);
        _inFile += _length;
        _length = 0;
    }

    private FileStream CreateFile()
    {
        string path = Path.Combine(folder, "relayproxy-" + Guid.NewGuid().ToString("N"));
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        var file = new FileStream(path, options);
        File.Delete(path);
        return file;
    }
}
