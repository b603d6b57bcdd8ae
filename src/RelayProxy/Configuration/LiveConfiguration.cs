using Microsoft.Extensions.Logging;
using RelayProxy.Telemetry;

namespace RelayProxy.Configuration;

/// <summary>
/// The settings while the relay runs. When a file changes, or SIGHUP says so, all sources are read again; settings that are
/// good take effect as a whole, bad ones not at all: the last good ones stay, and the log says so.
/// </summary>
internal sealed partial class LiveConfiguration(ConfigurationInputs inputs, RelayConfiguration first, TimeProvider clock, ILogger logger) : IDisposable
{
    /// <summary>Looking costs two system calls a file. Watching by inotify would cost nothing, and miss what a bind mount or a rotated
    /// Kubernetes secret does to the folders on the way.</summary>
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private RelayConfiguration _current = first;
    private IReadOnlyList<string> _files = first.Files;
    private FileStamps _read = FileStamps.Of(first.Files);
    private FileStamps _seen = FileStamps.Of(first.Files);
    private (DateTimeOffset At, bool Succeeded) _lastRead = (clock.GetUtcNow(), true);
    private ITimer? _timer;

    /// <summary>The last good settings.</summary>
    public RelayOptions Options => Volatile.Read(ref _current).Options;

    /// <summary>When the settings were last read to good effect, and whether they were when they were last read.</summary>
    public (DateTimeOffset At, bool Succeeded) LastRead
    {
        get
        {
            lock (_gate)
            {
                return _lastRead;
            }
        }
    }

    /// <summary>Raised after <see cref="Options"/> has changed.</summary>
    public event Action? Changed;

    /// <summary>Begins to look for changed files.</summary>
    public void Watch() => _timer = clock.CreateTimer(static state => ((LiveConfiguration)state!).Look(), this, s_lookEvery, s_lookEvery);

    /// <summary>Reads every source again. False if what they say cannot be used.</summary>
    public bool Reload()
    {
        bool changed;
        lock (_gate)
        {
            RelayConfiguration read = RelayConfiguration.Read(inputs);
            _files = read.Files;
            _seen = _read = FileStamps.Of(read.Files);
            IReadOnlyList<ConfigurationProblem> problems = read.ProblemsForSending;
            if (problems.Count > 0)
            {
                foreach (ConfigurationProblem problem in problems)
                {
                    Log.Refused(logger, problem.ToString());
                }

                Log.Kept(logger, problems.Count);
                _lastRead.Succeeded = false;
                return false;
            }

            changed = Adopt(read);
            _lastRead = (clock.GetUtcNow(), true);
        }

        if (changed)
        {
            Changed?.Invoke();
        }

        return true;
    }

    public void Dispose() => _timer?.Dispose();

    private bool Adopt(RelayConfiguration read)
    {
        foreach (ConfigurationProblem warning in read.Warnings.Except(_current.Warnings))
        {
            Log.Warned(logger, warning.ToString());
        }

        IReadOnlyList<Setting> changes = ConfigurationReport.Changes(_current.Options, read.Options);
        foreach (Setting setting in changes)
        {
            ReportedSetting now = read.Report.Settings.First(reported => reported.Setting == setting);
            string value = ConfigurationReport.Shown(setting, now.Value);
            if (setting.Effect == SettingEffect.Restart)
            {
                // What is in effect is what is told by everyone who asks, so the old value stays until then.
                setting.Apply(read.Options, setting.Show(_current.Options));
                Log.WaitsForRestart(logger, setting.Key, value, now.Source);
            }
            else
            {
                Log.Changed(logger, setting.Key, value, now.Source);
            }
        }

        if (changes.Count == 0)
        {
            Log.Unchanged(logger);
            return false;
        }

        Volatile.Write(ref _current, read);
        return true;
    }

    /// <summary>A file that changed is read when it has been seen unchanged twice, for whoever writes it may not be done.</summary>
    private void Look()
    {
        bool settled;
        lock (_gate)
        {
            var now = FileStamps.Of(_files);
            settled = now != _read && now == _seen;
            _seen = now;
        }

        if (settled)
        {
            Reload();
        }
    }

    /// <summary>What tells one state of some files from another.</summary>
    private readonly record struct FileStamps(string Text)
    {
        public static FileStamps Of(IEnumerable<string> files) => new(string.Join('|', files.Select(Stamp)));

        private static string Stamp(string path)
        {
            try
            {
                // Of the file that the path leads to in the end, not of a symbolic link to it.
                using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path);
                return $"{File.GetLastWriteTimeUtc(file).Ticks}/{RandomAccess.GetLength(file)}";
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                return fault.GetType().Name;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ConfigurationChanged, LogLevel.Information, "configuration: {Key} is now {Value} ({Source})")]
        public static partial void Changed(ILogger logger, string key, string value, string source);

        [LoggerMessage(EventIds.SettingWaitsForRestart, LogLevel.Warning, "configuration: {Key} = {Value} ({Source}) takes effect at the next start")]
        public static partial void WaitsForRestart(ILogger logger, string key, string value, string source);

        [LoggerMessage(EventIds.ConfigurationUnchanged, LogLevel.Information, "configuration: read again; nothing has changed")]
        public static partial void Unchanged(ILogger logger);

        [LoggerMessage(EventIds.ConfigurationWarning, LogLevel.Warning, "configuration: {Warning}")]
        public static partial void Warned(ILogger logger, string warning);

        [LoggerMessage(EventIds.ConfigurationRefused, LogLevel.Error, "configuration: {Problem}")]
        public static partial void Refused(ILogger logger, string problem);

        [LoggerMessage(EventIds.ConfigurationKept, LogLevel.Error, "configuration: {Problems} problems; the settings as they were before stay in effect")]
        public static partial void Kept(ILogger logger, int problems);
    }
}
