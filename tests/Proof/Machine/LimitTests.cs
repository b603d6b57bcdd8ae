using System.Globalization;
using System.Net.Sockets;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Machine;

/// <summary>The relay runs into the limits that its process has: descriptors and the length of files. Both are lowered while it runs, as no start would see.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task A_file_that_may_not_become_longer_is_an_error_of_that_write_and_not_the_end()
    {
        await using var machine = new FaultyMachine();
        await machine.StartAsync(isFaulty: false);
        await machine.ResumesAsync("the start");
        await using LoadOnMachine load = machine.Load(2);

        // The log of the queue is longer than that, or soon will be; each message of the load is shorter than some and longer than others.
        foreach (long octets in (long[])[0, 4096, 10_000, 100_000])
        {
            await LimitAsync(machine, $"--fsize={octets.ToString(CultureInfo.InvariantCulture)}:unlimited");
            await load.RefusedAsync();
            await LimitAsync(machine, "--fsize=unlimited:unlimited");
            TimeSpan resumed = await machine.ResumesAsync($"a limit of {octets} octets for files");
            load.Note($"machine: RLIMIT_FSIZE {octets}", TimeSpan.Zero, resumed);
        }

        await load.DisposeAsync();
        await machine.ArrivedAsync("limits for files");
        await machine.EmptyAsync();
        await machine.StopAsync();
        machine.AssertBooksAreStraight();
    }

    [Fact]
    public async Task More_clients_than_it_has_descriptors_for_do_not_end_it()
    {
        const int Connections = 40;
        int knocking = Extent.Of(brief: 300, full: 3000);
        await using var machine = new FaultyMachine(null, $"Listener:MaxConnections={Connections}");
        await machine.StartAsync(isFaulty: false);
        await machine.ResumesAsync("the start");

        // No more than the budget that it asked for when it started (DescriptorBudget): a limit that it can be given, and no descriptor more.
        long budget = 160 + (Connections * 2) + 768;
        await LimitAsync(machine, $"--nofile={budget}:{budget}");
        var clients = new List<Socket>();
        try
        {
            for (int i = 0; i < knocking; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                clients.Add(socket);
                await socket.ConnectAsync(machine.Relay.EndPoint, TestContext.Current.CancellationToken);
                await TalkAsync(socket);
            }

            // Those inside keep what they have; nobody else is let in.
            Assert.False((await machine.SendAsync(1_000)).StartsWith('2'));
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        TimeSpan resumed = await machine.ResumesAsync("a flood of clients");
        int descriptors = Directory.GetFileSystemEntries($"/proc/{machine.Relay.Id}/fd").Length;
        await machine.ArrivedAsync("a flood of clients");
        await machine.StopAsync();
        machine.AssertBooksAreStraight();
        Figures.Note(
            "machine: descriptors as budgeted", ("limit", budget), ("clients", knocking), ("inside", Connections), ("open afterwards", descriptors),
            ("until mail is taken ms", (int)resumed.TotalMilliseconds));
    }

    [Theory]
    [InlineData(ErrorNumber.EMFILE)]
    [InlineData(ErrorNumber.ENFILE)]
    [InlineData(ErrorNumber.ENOMEM)]
    public async Task While_no_connection_can_be_accepted_it_pauses_at_the_door_and_goes_on(ErrorNumber error)
    {
        await using var machine = new FaultyMachine();
        await machine.StartAsync();
        await machine.ResumesAsync("the start");
        await using RawClient inside = await RawClient.ConnectAsync(machine.Relay.EndPoint);

        int serial = machine.Disk.Order("accept", "/socket", (int)error);
        using (var socket = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            await socket.ConnectAsync(machine.Relay.EndPoint, TestContext.Current.CancellationToken);
            await machine.Relay.WaitForLineAsync("AcceptFailed");
            Assert.StartsWith("250", await inside.CommandAsync("NOOP"), StringComparison.Ordinal);
        }

        machine.Disk.Mend();
        TimeSpan resumed = await machine.ResumesAsync($"{error} at the door");
        int tries = machine.Disk.ToldOf(serial).Count;
        await machine.ArrivedAsync($"{error} at the door");
        await machine.StopAsync();
        machine.AssertBooksAreStraight();
        Figures.Note($"machine: {error} at accept", ("tries meanwhile", tries), ("until mail is taken ms", (int)resumed.TotalMilliseconds));
    }

    /// <summary>Begins a message that has a file of its own already.</summary>
    private static async Task TalkAsync(Socket socket)
    {
        try
        {
            await socket.SendAsync("EHLO test.example\r\nMAIL FROM:<app@example.org>\r\nRCPT TO:<box@example.net>\r\nDATA\r\n"u8.ToArray());
            await socket.SendAsync(new byte[5_000]);
        }
        catch (SocketException)
        {
            // It was not let in.
        }
    }

    private static async Task LimitAsync(FaultyMachine machine, string limit)
    {
        (int status, string output) = await ChildProcess.RunAsync(
            "prlimit", ["--pid", machine.Relay.Id.ToString(CultureInfo.InvariantCulture), limit]);
        Assert.True(status == 0, output);
    }
}
