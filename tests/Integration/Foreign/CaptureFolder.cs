using System.Collections.Concurrent;

namespace RelayProxy.Integration.Foreign;

/// <summary>Mail that a foreign mail server has delivered into a folder, one file for each recipient.</summary>
internal sealed class CaptureFolder : IDisposable
{
    /// <summary>Puts standard input into a folder: <c>capture.sh FOLDER SENDER RECIPIENT</c>. The name of the file appears when it is whole. As in a
    /// Maildir; but the octets are those that Postfix holds, without anything put before them.</summary>
    public const string Script = """
        set -e
        folder=$1 sender=$2 recipient=$3
        { printf '%s\n' "$sender"; cat; } > "$folder/tmp/$$"
        mv "$folder/tmp/$$" "$folder/new/$recipient.$$"

        """;

    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(60);

    private readonly string _new;
    private readonly FileSystemWatcher _watcher;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new();

    public CaptureFolder(string folder)
    {
        _new = Path.Combine(folder, "new");
        _watcher = new FileSystemWatcher(_new);
        _watcher.Created += (_, file) => Arrived(file.Name!);
        _watcher.Renamed += (_, file) => Arrived(file.Name!);
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Every message that has arrived for a recipient.</summary>
    public IReadOnlyList<CapturedMessage> For(string recipient) =>
        [.. Directory.EnumerateFiles(_new, $"{recipient}.*").Select(CapturedMessage.Read)];

    /// <summary>Waits until a message has arrived for this recipient. Each test has recipients of its own.</summary>
    /// <exception cref="TimeoutException">It has not.</exception>
    public async Task<CapturedMessage> WaitForAsync(string recipient)
    {
        TaskCompletionSource arrival = _waiting.GetOrAdd(recipient, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (For(recipient) is [var message, ..])
        {
            return message;
        }

        await arrival.Task.WaitAsync(s_safety);
        return For(recipient)[0];
    }

    public void Dispose() => _watcher.Dispose();

    private void Arrived(string fileName)
    {
        string recipient = fileName[..fileName.LastIndexOf('.')];
        _waiting.GetOrAdd(recipient, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}

/// <param name="Sender">The envelope's.</param>
/// <param name="Octets">As the mail server holds them: LF line ends.</param>
internal sealed record CapturedMessage(string Sender, byte[] Octets)
{
    public static CapturedMessage Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int end = Array.IndexOf(file, (byte)'\n');
        return new CapturedMessage(System.Text.Encoding.UTF8.GetString(file, 0, end), file[(end + 1)..]);
    }
}
