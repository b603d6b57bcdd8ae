using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Unit.Queue.Sqlite;

public sealed class BodyFolderTests : IDisposable
{
    private static readonly DiskThreads s_disk = new(() => TimeSpan.FromMinutes(1), TimeProvider.System);

    private readonly TemporaryFolder _folder = new();
    private readonly BodyFolder _bodies;

    public BodyFolderTests() => _bodies = new BodyFolder(_folder.Path);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_sweep_takes_no_file_that_is_being_written_however_they_meet()
    {
        using var stop = new CancellationTokenSource();
        Task<int> sweeps = Task.Run(
            () =>
            {
                int swept = 0;
                while (!stop.IsCancellationRequested)
                {
                    swept += _bodies.Sweep(DateTime.MaxValue, _ => false, Token);
                }

                return swept;
            },
            Token);

        for (int i = 0; i < 2000; i++)
        {
            var id = new QueueId(i);
            await using var writer = new BodyFileWriter(_bodies, id, s_disk);
            await writer.CreateAsync(Token);
            await writer.WriteAsync(new byte[10], Token);
            Assert.True(File.Exists(_bodies.FileOf(id)));
        }

        await stop.CancelAsync();
        await sweeps;
    }

    [Fact]
    public void A_sweep_takes_what_nobody_writes_and_no_message_has()
    {
        var orphan = new QueueId(1);
        var message = new QueueId(2);
        foreach (string name in (string[])[orphan.ToString(), message.ToString(), "README"])
        {
            _folder.Write(name, "x");
        }

        Assert.Equal(1, _bodies.Sweep(DateTime.MaxValue, id => id == message, Token));

        Assert.Equal(
            [message.ToString(), "README"],
            Directory.EnumerateFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_sweep_leaves_what_is_younger_than_the_opening_of_the_store()
    {
        string file = _folder.Write(new QueueId(1).ToString(), "x");

        Assert.Equal(0, _bodies.Sweep(File.GetLastWriteTimeUtc(file), _ => false, Token));
        Assert.True(File.Exists(file));
    }

    [Fact]
    public async Task Files_are_their_owners_alone()
    {
        await using var writer = new BodyFileWriter(_bodies, new QueueId(1), s_disk);
        await writer.CreateAsync(Token);
        await writer.WriteAsync(new byte[10], Token);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_bodies.FileOf(new QueueId(1))));
    }
}
