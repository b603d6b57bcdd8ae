using RelayProxy.Harness;
using RelayProxy.Queue;

namespace RelayProxy.Unit.Queue;

public sealed class QueueFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Is_made_for_its_owner_alone_with_every_folder_above_it()
    {
        string path = _folder["state/relayproxy"];

        QueueFolder.Create(path);
        QueueFolder.Check(path, StoreAccess.Daemon);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Its_group_may_look_at_it_where_whoever_made_it_said_so()
    {
        string path = _folder["queue"];
        QueueFolder.Create(path);
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);

        QueueFolder.Check(path, StoreAccess.Daemon);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherExecute)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void That_others_may_enter_is_refused_with_the_chmod_to_type(UnixFileMode others)
    {
        string path = _folder["queue"];
        QueueFolder.Create(path);
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | others);

        QueueUnavailableException refusal = Assert.Throws<QueueUnavailableException>(() => QueueFolder.Check(path, StoreAccess.Daemon));

        Assert.Contains($"chmod 0700 {path}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_Kubernetes_opens_to_the_group_of_a_volume_is_closed_again()
    {
        string path = _folder["queue"];
        QueueFolder.Create(path);
        UnixFileMode made = File.GetUnixFileMode(path);
        File.SetUnixFileMode(path, made | UnixFileMode.SetGroup | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute);

        QueueFolder.Check(path, StoreAccess.Daemon);

        Assert.Equal(made, File.GetUnixFileMode(path));
    }

    [Fact]
    public void That_is_not_there_is_named_with_the_setting_that_names_another()
    {
        QueueUnavailableException refusal = Assert.Throws<QueueUnavailableException>(() => QueueFolder.Check(_folder["none"], StoreAccess.Daemon));

        Assert.Contains(_folder["none"], refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Queue:Path", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void That_cannot_be_made_says_why_and_the_way_out()
    {
        string file = _folder.Write("file", "");

        QueueUnavailableException refusal = Assert.Throws<QueueUnavailableException>(() => QueueFolder.Create(Path.Combine(file, "queue")));

        Assert.Contains("install -d -m 0700", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Is_the_one_that_is_set() => Assert.Equal("/srv/mail", QueueFolder.Resolve("/srv/mail"));

    [Fact]
    public void Whoever_may_not_look_hears_which_group_may()
    {
        string who = FileOwner.WhoMay("/proc/version");

        Assert.StartsWith("is for root and members of the group root, ", who, StringComparison.Ordinal);
        Assert.Contains("usermod -aG root ", who, StringComparison.Ordinal);
    }

    [Fact]
    public void Owners_are_read_from_the_file_system()
    {
        Assert.Equal(FileOwner.Ourselves, FileOwner.Of(_folder.Path));
        Assert.Equal(0u, FileOwner.Of("/proc/version"));
        Assert.Null(FileOwner.Of(_folder["none"]));
        Assert.True(FileOwner.MayEnter(_folder.Path));
        Assert.False(FileOwner.MayEnter(_folder["none"]));
    }
}
