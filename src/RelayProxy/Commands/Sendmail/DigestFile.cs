using System.Net;
using Microsoft.Extensions.Logging;
using RelayProxy.Configuration;
using RelayProxy.Submission.Handing;
using RelayProxy.Telemetry;

namespace RelayProxy.Commands.Sendmail;

/// <summary>
/// Keeps the <see cref="SubmissionDigest"/> in the run-time folder that a service manager gave the relay, as long as the relay runs. A relay that
/// was started by hand has no such folder, and leaves none: it must not draw mail that is meant for the machine's own.
/// </summary>
internal sealed partial class DigestFile : IDisposable
{
    /// <summary>Where systemd's RuntimeDirectory= is; the scripts for other service managers set it too.</summary>
    private const string FolderVariable = "RUNTIME_DIRECTORY";

    private readonly string? _path;
    private readonly Func<RelayOptions> _options;
    private readonly Func<IEnumerable<EndPoint>> _endpoints;
    private readonly ILogger _logger;

    public DigestFile(
        IReadOnlyDictionary<string, string> environment, Func<RelayOptions> options, Func<IEnumerable<EndPoint>> endpoints, ILogger logger)
    {
        // There may be several, with colons between them: ours is the first.
        string folder = environment.GetValueOrDefault(FolderVariable, "").Split(':')[0];
        _path = folder.Length > 0 ? Path.Combine(folder, SubmissionDigest.FileName) : null;
        (_options, _endpoints, _logger) = (options, endpoints, logger);
        Write();
    }

    /// <summary>Writes what holds now, in one go.</summary>
    public void Write()
    {
        const UnixFileMode everybodyReads =
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        if (_path is null)
        {
            return;
        }

        try
        {
            string unfinished = _path + ".new";
            File.WriteAllText(unfinished, RelayFacts.Of(_options(), _endpoints()).ToString());
            File.SetUnixFileMode(unfinished, everybodyReads);
            File.Move(unfinished, _path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Log.NotWritten(_logger, _path, fault.Message);
        }
    }

    public void Dispose()
    {
        try
        {
            if (_path is not null)
            {
                File.Delete(_path);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Log.NotWritten(_logger, _path!, fault.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DigestNotWritten, LogLevel.Warning,
            "{Path} cannot be written ({Reason}): each sendmail on this machine reads the configuration, or takes its defaults where it may not")]
        public static partial void NotWritten(ILogger logger, string path, string reason);
    }
}
