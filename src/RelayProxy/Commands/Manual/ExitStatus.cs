using RelayProxy.Mail;

namespace RelayProxy.Commands.Manual;

/// <summary>What each <see cref="ExitCode"/> means, in the manual's words.</summary>
internal static class ExitStatus
{
    public static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (ExitCode.Ok, "It is done."),
        (ExitCode.No, "A question was answered with no: `health`, `aliases lookup`."),
        (ExitCode.Usage, "The command line is wrong."),
        (ExitCode.DataError, "What was given to read is not what it should be."),
        (ExitCode.NoInput, "There is no such message, or no such file."),
        (ExitCode.NoUser, "There is nobody of that name."),
        (ExitCode.NoHost, "There is no host of that name."),
        (ExitCode.Unavailable, "Something that is needed cannot be had: the queue, a port, the smarthost."),
        (ExitCode.Software, "A fault of this program."),
        (ExitCode.OperatingSystem, "The system refused something that it always grants."),
        (ExitCode.CannotCreate, "A file cannot be created."),
        (ExitCode.InputOutput, "Reading or writing failed."),
        (ExitCode.Temporary, "It did not work now, and is worth trying again."),
        (ExitCode.Protocol, "The smarthost does not speak as it should."),
        (ExitCode.NoPermission, "A right is missing."),
        (ExitCode.Configuration, "The settings cannot be used; the service manager does not try again."),
    ];

    /// <summary>The section of a page that tells of some of them.</summary>
    public static void Write(ManPage page, params IReadOnlyList<int> codes)
    {
        page.Section("EXIT STATUS");
        foreach ((int code, string meaning) in All.Where(entry => codes.Contains(entry.Code)))
        {
            page.Item(Roff.Bold($"{code}"), meaning);
        }
    }
}
