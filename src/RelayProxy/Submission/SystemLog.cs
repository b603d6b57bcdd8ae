using System.Globalization;
using System.Text;
using RelayProxy.Telemetry;

namespace RelayProxy.Submission;

/// <summary>The system's log (syslog(3)), facility mail: where a sendmail leaves what its caller does not want to hear. If nobody takes it, so be it.</summary>
internal static class SystemLog
{
    private const int Information = (2 * 8) + 6;
    private const int Debug = (2 * 8) + 7;

    /// <summary>Loggers cut a line there or sooner (RFC 3164 §4.1).</summary>
    private const int MaxLength = 900;

    public static void Write(uint userId, string line, bool isDetail)
    {
        string text = LogText.Printable(line, MaxLength);
        SystemCalls.SendToLog(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"<{(isDetail ? Debug : Information)}>sendmail[{Environment.ProcessId}]: uid={userId} {text}")));
    }
}
