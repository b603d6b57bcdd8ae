using RelayProxy.Smtp;

namespace RelayProxy.Delivery.Local;

/// <summary>What a command's end says of the message, by sysexits.h, as Postfix's local(8) reads it.</summary>
internal static class CommandResult
{
    private const int MaxQuoted = 200;

    /// <summary>A shell's words for: cannot be run, is not there. Both are the operator's to mend.</summary>
    private const int NotExecutable = 126;
    private const int NotFound = 127;

    /// <summary>And beyond: ended by a signal.</summary>
    private const int Signalled = 128;

    /// <param name="program">The program's name, without its folder and arguments: the sender will read it.</param>
    /// <param name="output">What it wrote, as far as it was kept.</param>
    public static SmtpReply Of(string program, int exitCode, string output)
    {
        string said = Quoted(output);
        return exitCode switch
        {
            0 => LocalReplies.Delivered(program),
            75 => Reply(451, 3, 0, "asks for another try"),
            NotExecutable or NotFound => Reply(451, 3, 5, "cannot be run"),
            >= Signalled => Reply(451, 3, 0, $"was ended by signal {exitCode - Signalled}"),
            64 => Reply(554, 3, 0, "was called wrongly"),
            65 => Reply(554, 6, 0, "does not understand the message"),
            66 => Reply(554, 3, 0, "lacks a file"),
            67 => Reply(550, 1, 1, "knows no such user"),
            68 => Reply(550, 1, 2, "knows no such host"),
            69 => Reply(554, 3, 0, "is not available"),
            70 => Reply(554, 3, 0, "failed"),
            71 => Reply(554, 3, 0, "met trouble of the system"),
            72 => Reply(554, 3, 0, "lacks a file of the system"),
            73 => Reply(554, 2, 0, "cannot make its output file"),
            74 => Reply(554, 3, 0, "cannot read or write"),
            76 => Reply(554, 5, 0, "met trouble with a protocol"),
            77 => Reply(554, 7, 0, "is not permitted to do it"),
            78 => Reply(554, 3, 5, "is set up wrongly"),
            _ => Reply(554, 3, 0, "failed"),
        };

        SmtpReply Reply(int code, int subject, int detail, string what) => new(code, subject, detail, $"{program} {what} (exit code {exitCode}){said}");
    }

    private static string Quoted(string output)
    {
        string line = string.Join(' ', output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        line = string.Concat(line.Where(letter => !char.IsControl(letter)));
        return line.Length == 0 ? "" : $": {(line.Length > MaxQuoted ? line[..MaxQuoted] + " …" : line)}";
    }
}
