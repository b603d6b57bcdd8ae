using System.Text;
using RelayProxy.Submission.Text;

namespace RelayProxy.Unit.Submission.Text;

/// <summary>Texts as strings, one octet a letter, and what became of them.</summary>
internal static class Submitted
{
    public static SubmittedText Read(string text, TextRequest? request = null) =>
        SubmittedText.Read(new MemoryStream(Encoding.Latin1.GetBytes(text)), request ?? new TextRequest());

    public static string Message(string text, TextRequest? request = null)
    {
        using SubmittedText submitted = Read(text, request);
        return Message(submitted);
    }

    /// <summary>Holds the promises that go for every message.</summary>
    public static string Message(SubmittedText submitted)
    {
        byte[] octets = Octets(submitted);
        Assert.Equal(octets.Length, submitted.Octets);
        return Encoding.Latin1.GetString(octets);
    }

    public static byte[] Octets(SubmittedText submitted)
    {
        using var message = new MemoryStream();
        submitted.WriteTo(octets => message.Write(octets));
        return message.ToArray();
    }

    /// <summary>The same text, as few octets at a time as wished.</summary>
    public sealed class Drip(byte[] octets, int atMost) : MemoryStream(octets)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, atMost));
    }
}
