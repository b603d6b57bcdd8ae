using System.Text;
using RelayProxy.Configuration;
using RelayProxy.Listener;
using RelayProxy.Submission;
using RelayProxy.Submission.Handing;
using RelayProxy.Telemetry;

namespace RelayProxy.Commands.Sendmail;

/// <summary>The process that started this one, spoken to through the descriptors it gave us.</summary>
internal sealed class CallingProcess : Caller
{
    /// <summary>Of an environment; the system takes no more (execve(2)).</summary>
    private const int MostOctets = 6 * 1024 * 1024;

    public override string? DigestPath => HasSettings() ? null : SubmissionDigest.UsualPath;

    public override Stream Input { get; } =
        SystemCalls.IsGiven(SystemCalls.StandardInput) ? new DescriptorInput(SystemCalls.StandardInput) : Stream.Null;

    public override string? Variable(string name) => Environment.GetEnvironmentVariable(name);

    public override void Say(string line) => Write(SystemCalls.StandardOutput, line);

    public override bool Answer(ReadOnlySpan<byte> octets) =>
        SystemCalls.IsGiven(SystemCalls.StandardOutput) && SystemCalls.Write(SystemCalls.StandardOutput, octets);

    public override void Complain(string line) => Write(SystemCalls.StandardError, line);

    public override void Log(string line, bool isDetail) => SystemLog.Write(UserId, line, isDetail);

    protected override string NameInDirectory() => LocalUsers.NameOf(UserId);

    private static bool HasSettings()
    {
        // As the system has it (proc(5)): the runtime would make strings of all of it first.
        ReadOnlySpan<byte> environment = SystemCalls.ReadFile("/proc/self/environ", MostOctets);
        while (Pieces.TryTake(ref environment, separator: 0, out ReadOnlySpan<byte> variable))
        {
            if (variable.Length >= EnvironmentSettings.Prefix.Length
                && Ascii.EqualsIgnoreCase(variable[..EnvironmentSettings.Prefix.Length], EnvironmentSettings.Prefix))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>In one call, so that lines of several processes that share a log do not mix.</summary>
    private static void Write(int descriptor, string line)
    {
        if (SystemCalls.IsGiven(descriptor))
        {
            _ = SystemCalls.Write(descriptor, Encoding.UTF8.GetBytes(LogText.Printable(line, int.MaxValue) + "\n"));
        }
    }
}
