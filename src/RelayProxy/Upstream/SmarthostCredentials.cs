using System.Diagnostics;
using Microsoft.Extensions.Logging;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;
using RelayProxy.Upstream.Sasl;

namespace RelayProxy.Upstream;

/// <summary>Password and token, as read for one login.</summary>
internal readonly record struct SmarthostSecrets(string Password, string AccessToken)
{
    /// <summary>Says nothing, so that no log ever says more.</summary>
    public override string ToString() => nameof(SmarthostSecrets);
}

/// <summary>
/// Reads the secrets anew for every login, so that a changed file is used by the next session. Where one cannot be read any more, what it
/// held last still serves: a file that is just being replaced must not stop the mail.
/// </summary>
internal sealed partial class SmarthostCredentials(TimeProvider clock, ILogger logger, RelayMetrics? metrics = null)
{
    /// <summary>How long a <see cref="SmarthostOptions.PasswordCommand"/> may take.</summary>
    public static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Of the variables that are settings, ours and those of OpenTelemetry's library: a login at the collector may be among them.</summary>
    private static readonly string[] s_settings = ["RELAYPROXY_", "OTEL_"];

    private const int MaxSecretOctets = 16 * 1024;
    private readonly Dictionary<string, string> _last = [];

    /// <exception cref="SecretUnavailableException">One that is configured cannot be read, and never could.</exception>
    public async ValueTask<SmarthostSecrets> ReadAsync(SmarthostOptions options, CancellationToken cancellationToken)
    {
        string password = options.Password;
        if (options.PasswordFile.Length > 0)
        {
            password = await ReadOrLastAsync("Smarthost:PasswordFile", options.PasswordFile, ReadFileAsync, cancellationToken);
        }
        else if (options.PasswordCommand.Length > 0)
        {
            password = await ReadOrLastAsync("Smarthost:PasswordCommand", options.PasswordCommand, RunAsync, cancellationToken);
        }

        string token = options.AccessTokenFile.Length > 0
            ? await ReadOrLastAsync("Smarthost:AccessTokenFile", options.AccessTokenFile, ReadFileAsync, cancellationToken)
            : options.AccessToken;
        return new SmarthostSecrets(password, token);
    }

    /// <summary>When the token expires that the next login would use; <c>null</c> if that cannot be told.</summary>
    public static async ValueTask<DateTimeOffset?> ReadTokenExpiryAsync(SmarthostOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return TokenExpiry.Of(
                options.AccessTokenFile.Length > 0 ? await ReadFileAsync(options.AccessTokenFile, cancellationToken) : options.AccessToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SecretUnavailableException)
        {
            // The next login tells of it.
            return null;
        }
    }

    private async ValueTask<string> ReadOrLastAsync(
        string setting, string source, Func<string, CancellationToken, Task<string>> read, CancellationToken cancellationToken)
    {
        string key = setting + "=" + source;
        string problem;
        try
        {
            string secret = await read(source, cancellationToken);
            if (secret.Length > 0)
            {
                lock (_last)
                {
                    _last[key] = secret;
                }

                return secret;
            }

            problem = "it is empty";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SecretUnavailableException)
        {
            problem = exception.Message;
        }

        metrics?.SecretNotRead(setting);
        lock (_last)
        {
            if (_last.TryGetValue(key, out string? kept))
            {
                Log.OldSecretKept(logger, setting, problem);
                return kept;
            }
        }

        throw new SecretUnavailableException($"{setting}: {problem}");
    }

    private static async Task<string> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(path);
        return await FirstLineAsync(reader, cancellationToken);
    }

    /// <summary>Runs a program, without a shell.</summary>
    private async Task<string> RunAsync(string command, CancellationToken cancellationToken)
    {
        if (!CommandLine.TrySplit(command, out List<string> words))
        {
            throw new SecretUnavailableException("it names no program, or a quote is not closed");
        }

        var start = new ProcessStartInfo(words[0], words.Skip(1))
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
        };

        // It asks a vault or a keyring, and is none of the business of what other secrets our own settings hold.
        foreach (string setting in start.Environment.Keys.Where(IsSetting).ToArray())
        {
            start.Environment.Remove(setting);
        }

        using var deadline = new Deadline(clock, cancellationToken);
        deadline.Start(CommandTimeout);
        Process? process = null;

        // Some write the password where the program belongs.
        string name = words[0].Contains('/', StringComparison.Ordinal) ? words[0] : "its program";
        try
        {
            process = Process.Start(start) ?? throw new SecretUnavailableException($"{name} did not start");
            process.StandardInput.Close();
            string line = await FirstLineAsync(process.StandardOutput, deadline.Token);

            // What else it says is of no interest, but it must be able to say it, or it would never end.
            await process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return process.ExitCode == 0 ? line : throw new SecretUnavailableException($"{words[0]} ended with exit code {process.ExitCode}");
        }
        catch (OperationCanceledException) when (deadline.Passed)
        {
            throw new SecretUnavailableException($"{words[0]} took longer than {CommandTimeout.TotalSeconds:0} s");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new SecretUnavailableException($"{name} did not start: {new System.ComponentModel.Win32Exception(exception.NativeErrorCode).Message}");
        }
        finally
        {
            End(process);
        }
    }

    private static bool IsSetting(string variable) => Array.Exists(s_settings, prefix => variable.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static void End(Process? process)
    {
        try
        {
            if (process is { HasExited: false })
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (InvalidOperationException)
        {
            // It ended by itself meanwhile.
        }

        process?.Dispose();
    }

    /// <summary>The first line without its line end, whatever that is; bounded, for a file that is no secret but a disk image.</summary>
    private static async Task<string> FirstLineAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        char[] letters = new char[MaxSecretOctets];
        int count = await reader.ReadBlockAsync(letters, cancellationToken);
        ReadOnlySpan<char> text = letters.AsSpan(0, count);
        int end = text.IndexOf('\n');
        if (end < 0 && count == letters.Length)
        {
            throw new SecretUnavailableException($"its first line is longer than {MaxSecretOctets} characters");
        }

        ReadOnlySpan<char> line = end < 0 ? text : text[..end];
        return (line is [.., '\r'] ? line[..^1] : line).ToString();
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.OldSecretKept, LogLevel.Warning, "{Setting} cannot be read ({Problem}); what it held before still serves")]
        public static partial void OldSecretKept(ILogger logger, string setting, string problem);
    }
}

/// <summary>A configured secret cannot be read. The message says which and why, and holds nothing of it.</summary>
internal sealed class SecretUnavailableException(string message) : Exception(message);
