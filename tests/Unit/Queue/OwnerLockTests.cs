using System.Globalization;
using RelayProxy.Harness;
using RelayProxy.Queue;

namespace RelayProxy.Unit.Queue;

public sealed class OwnerLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Is_taken_once_and_names_who_took_it()
    {
        using OwnerLock? first = OwnerLock.TryTake(_folder.Path, out _);
        OwnerLock? second = OwnerLock.TryTake(_folder.Path, out string owner);

        Assert.NotNull(first);
        Assert.Null(second);
        Assert.Equal(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), owner);
    }

    [Fact]
    public void Is_free_again_when_it_is_given_back()
    {
        OwnerLock.TryTake(_folder.Path, out _)!.Dispose();
        using OwnerLock? next = OwnerLock.TryTake(_folder.Path, out _);

        Assert.NotNull(next);
    }

    [Fact]
    public void That_it_is_taken_can_be_seen_and_looking_takes_it_from_nobody()
    {
        Assert.False(OwnerLock.IsTaken(_folder.Path));
        using (OwnerLock.TryTake(_folder.Path, out _))
        {
            Assert.True(OwnerLock.IsTaken(_folder.Path));
        }

        Assert.False(OwnerLock.IsTaken(_folder.Path));
        using OwnerLock? next = OwnerLock.TryTake(_folder.Path, out _);
        Assert.NotNull(next);
    }
}
