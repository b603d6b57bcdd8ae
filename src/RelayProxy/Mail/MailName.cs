using System.Buffers;
using System.Text;

namespace RelayProxy.Mail;

/// <summary>The domain in <c>/etc/mailname</c>, where Debian's packages agree to look for what bare names are to be qualified with.</summary>
internal static class MailName
{
    public const string DefaultPath = "/etc/mailname";

    private static readonly SearchValues<char> s_letters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

    /// <summary><c>null</c> if the file is not there, cannot be read, or holds no name.</summary>
    public static string? Read(string path = DefaultPath) => From(HostIdentity.Content(path));

    /// <summary>The first line, up to the first character that has no place in a name; <c>null</c> if what is left is none.</summary>
    public static string? From(string content)
    {
        content = content.TrimStart(' ', '\t');
        int end = content.AsSpan().IndexOfAnyExcept(s_letters);
        string name = (end < 0 ? content : content[..end]).TrimEnd('.');
        return DomainParser.IsWhole(Encoding.ASCII.GetBytes(name)) ? name : null;
    }
}
