using System.Globalization;
using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Submission.Text;

/// <summary>Why a text cannot be taken: every reason by name, with its place and the way out.</summary>
internal static class TextRefusals
{
    /// <summary>Of what stands where an address should.</summary>
    private const int MaxQuotedOctets = 60;

    public static SubmissionException HeaderTooLong => new(
        ExitCode.DataError, "the header section is longer than 1 MiB; an empty line must stand between it and the text");

    public static SubmissionException Nul(long line) => new(
        ExitCode.DataError, string.Create(CultureInfo.InvariantCulture, $"line {line} holds a NUL, which no mail may hold; a file that is no text must be attached, in base64"));

    public static SubmissionException LongLine(long line) => new(
        ExitCode.DataError,
        string.Create(CultureInfo.InvariantCulture, $"line {line} has more than {BodyText.MaxLineOctets} octets, which mail does not allow; break it, or permit it with Intake:LongLines"));

    public static SubmissionException TooLong(long maxOctets) => new(
        ExitCode.DataError, string.Create(CultureInfo.InvariantCulture, $"the message is longer than {maxOctets} octets, the most that is taken (Listener:MaxMessageOctets)"));

    /// <param name="text">What stands there instead.</param>
    public static SubmissionException NoAddress(long line, ReadOnlySpan<byte> text, ReadOnlySpan<byte> fieldName) => new(
        ExitCode.DataError,
        string.Create(CultureInfo.InvariantCulture, $"line {line}: \"{Printable.Of(text, allowUtf8: true, MaxQuotedOctets)}\" in {Printable.Of(fieldName)} is no address; ")
        + "write name@example.net, or Name <name@example.net>");

    public static SubmissionException Unreadable(IOException fault) => new(
        ExitCode.InputOutput, $"the text cannot be read to its end: {fault.Message}; nothing was sent", fault);

    public static SubmissionException NoRoom(string folder, Exception fault) => new(
        ExitCode.Temporary,
        $"the text is too long for memory and cannot be kept in {folder}: {fault.Message}; set TMPDIR to a folder with room for it",
        fault);
}
