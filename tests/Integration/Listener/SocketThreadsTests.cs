using RelayProxy.Harness;

namespace RelayProxy.Integration.Listener;

public sealed class SocketThreadsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_threads_that_wait_for_sockets_do_the_work_themselves_and_there_is_one_for_each_processor()
    {
        await using RelayProcess relay = await RelayProcess.StartAsync(_folder["queue"], "Smarthost:Host=smarthost.test");

        // The runtime starts so many only if they work themselves; otherwise one waits for all sockets.
        Assert.Equal(Environment.ProcessorCount, ThreadsOf(relay.Id).Count(name => name == ".NET Sockets"));
    }

    private static IEnumerable<string> ThreadsOf(int process) =>
        Directory.EnumerateDirectories($"/proc/{process}/task").Select(thread => File.ReadAllText(Path.Combine(thread, "comm")).TrimEnd());
}
