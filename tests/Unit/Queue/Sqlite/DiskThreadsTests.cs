using RelayProxy.Harness;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Unit.Queue.Sqlite;

public sealed class DiskThreadsTests
{
    private const int MoreThanThreads = 20;
    private const int MoreThanCalls = 1100;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly TestClock _clock = new();
    private readonly DiskThreads _disk;

    public DiskThreadsTests() => _disk = new DiskThreads(() => s_patience, _clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_call_is_made_and_its_error_is_heard()
    {
        int made = 0;
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => _disk.PatientlyAsync(_disk.CallAsync(() => Interlocked.Increment(ref made)), Token)));
        IOException error = await Assert.ThrowsAsync<IOException>(() => _disk.PatientlyAsync(_disk.CallAsync(() => throw new IOException("EIO")), Token));

        Assert.Equal(100, made);
        Assert.Equal("EIO", error.Message);
    }

    [Fact]
    public async Task Nobody_waits_longer_for_a_disk_that_hangs_and_it_is_called_all_the_same()
    {
        using var goesOn = new ManualResetEventSlim();
        int made = 0;
        Task[] calls = [.. Enumerable.Range(0, MoreThanThreads).Select(_ => _disk.CallAsync(() =>
        {
            goesOn.Wait(CancellationToken.None);
            Interlocked.Increment(ref made);
        }))];
        Task[] waiting = [.. calls.Select(call => _disk.PatientlyAsync(call, Token))];

        _clock.Advance(s_patience);

        foreach (Task task in waiting)
        {
            Assert.Equal("the disk has not answered for 30 s", (await Assert.ThrowsAsync<IOException>(() => task)).Message);
        }

        Assert.Equal(0, made);
        goesOn.Set();
        await Task.WhenAll(calls);
        Assert.Equal(MoreThanThreads, made);
    }

    [Fact]
    public async Task What_a_disk_says_too_late_is_no_fault_of_ours() =>
        Assert.Empty(await UnseenFaults.OfAsync("said too late", async () =>
        {
            using var goesOn = new ManualResetEventSlim();
            Task call = _disk.CallAsync(() =>
            {
                goesOn.Wait(CancellationToken.None);
                throw new IOException("said too late");
            });
            Task waiting = _disk.PatientlyAsync(call, Token);
            _clock.Advance(s_patience);
            await Assert.ThrowsAsync<IOException>(() => waiting);
            goesOn.Set();
            await Task.WhenAny(call);
        }));

    [Fact]
    public void Calls_that_hang_are_not_gathered_without_end()
    {
        using var goesOn = new ManualResetEventSlim();
        try
        {
            Assert.Throws<IOException>(() => Enumerable.Range(0, MoreThanCalls).Select(_ => _disk.CallAsync(() => goesOn.Wait(CancellationToken.None))).Count());
        }
        finally
        {
            goesOn.Set();
        }
    }
}
