using System.Text;

namespace RelayProxy.Rewrite.Aliases;

/// <summary>The text of a file of aliases.</summary>
internal static class AliasText
{
    private const int MostOctets = 64 << 20;

    /// <exception cref="IOException">It is not there, is no file, is too long, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string Read(string path)
    {
        FileStamp stamp = FileStamp.Of(path, out string? error) ?? throw new IOException(error ?? "it does not exist");
        if (!stamp.IsRegular)
        {
            throw new IOException("it is not a file");
        }

        return stamp.Octets <= MostOctets
            ? Encoding.UTF8.GetString(File.ReadAllBytes(path)).TrimStart('\ufeff')
            : throw new IOException($"it is longer than {MostOctets >> 20} MiB");
    }
}
