using RelayProxy.Harness.Load;

namespace RelayProxy.Benchmarks.Load;

/// <summary><c>load</c>: sends mail from several programs at once and looks at both ends; see <see cref="BenchOptions.Help"/>.</summary>
internal sealed class LoadBench(BenchOptions options, string[] relay, StandIn smarthost, string folder)
{
    /// <summary>In these the single messages go out, in turns.</summary>
    private const int SinglesAtOnce = 10;

    private const int UsualOctets = 4096;

    /// <summary>What is written down after the smarthost's 250 belongs to the message, too.</summary>
    private static readonly TimeSpan s_afterwards = TimeSpan.FromMilliseconds(200);

    private readonly Generator _generator = Generator.For(options);

    /// <returns>An exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            BenchOptions options = BenchOptions.Parse(arguments);
            string[] relay = await PublishedRelay.CommandAsync(options.Relay);
            using var temporary = new Harness.TemporaryFolder();
            await using StandIn smarthost = await StandIn.StartAsync();
            await new LoadBench(options, relay, smarthost, temporary.Path).MeasureAsync();
            return 0;
        }
        catch (FormatException fault)
        {
            await Console.Error.WriteLineAsync($"{fault.Message}\n\n{BenchOptions.Help}");
            return 64;
        }
        catch (Exception fault) when (fault is InvalidOperationException or IOException)
        {
            // Caught, so that what was started is ended.
            await Console.Error.WriteLineAsync(fault.Message);
            return 1;
        }
    }

    private async Task MeasureAsync()
    {
        bool isFirst = true;
        foreach (IGrouping<int, Cell> cells in options.Cells.GroupBy(cell => cell.Connections))
        {
            var servers = new List<MailServer>();
            try
            {
                await StartAsync(servers, cells.Key);
                if (isFirst)
                {
                    LoadReport.Begin(servers);
                }

                foreach (Cell cell in cells)
                {
                    smarthost.SetLatency(cell.LatencyMilliseconds);
                    LoadReport.Row(cell, servers, await MeasureAsync(cell, servers));
                }

                LoadReport.Peak(cells.Key, servers);
                if (isFirst && options.Single > 0)
                {
                    smarthost.SetLatency(0);
                    await SinglesAsync(servers);
                }
            }
            finally
            {
                foreach (MailServer server in servers)
                {
                    await server.DisposeAsync();
                }
            }

            isFirst = false;
        }

        LoadReport.End();
    }

    private async Task StartAsync(List<MailServer> servers, int connections)
    {
        servers.Add(await RelayUnderLoad.StartAsync(options, relay, connections, smarthost, Folder($"relay-{connections}")));
        if (options.AgainstPostfix)
        {
            servers.Add(await PostfixUnderLoad.StartAsync(options, connections, smarthost, Folder($"postfix-{connections}")));
        }

        smarthost.SetLatency(0);
        var letter = new Letter(UsualOctets);
        foreach (MailServer server in servers)
        {
            await RoundAsync(server, letter, new Cell(letter.Octets, 10, false, 0, connections), server.WarmUpMessages);
        }
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(folder, name)).FullName;

    private async Task<List<Round>[]> MeasureAsync(Cell cell, List<MailServer> servers)
    {
        var letter = new Letter(cell.Octets);
        int[] messages = new int[servers.Count];
        for (int i = 0; i < servers.Count; i++)
        {
            messages[i] = await FindMessagesAsync(servers[i], letter, cell);
        }

        List<Round>[] rounds = [.. servers.Select(_ => new List<Round>())];
        for (int round = 0; round < (options.Rounds ?? 3); round++)
        {
            for (int i = 0; i < servers.Count; i++)
            {
                rounds[i].Add(await RoundAsync(servers[i], letter, cell, messages[i]));
            }
        }

        return rounds;
    }

    /// <summary>How many messages it takes for a round to last as long as asked for. A slow server gets fewer: both are looked at for the same time.</summary>
    private async Task<int> FindMessagesAsync(MailServer server, Letter letter, Cell cell)
    {
        const int growth = 8;
        int messages = Math.Max(cell.Clients, cell.LatencyMilliseconds > 0 || cell.Octets > 1024 * 1024 ? 8 : 32);
        while (true)
        {
            double seconds = messages / (await RoundAsync(server, letter, cell, messages)).Arrived;
            if (seconds > options.Seconds / growth)
            {
                return Math.Max(cell.Clients, (int)(messages * options.Seconds / seconds));
            }

            messages *= growth;
        }
    }

    private async Task<Round> RoundAsync(MailServer server, Letter letter, Cell cell, int messages)
    {
        long expected = smarthost.Total + messages;
        ProcessorSplit before = Work(server);
        DateTime began = DateTime.UtcNow;
        await _generator.SendAsync(server.EndPoint, letter, cell, messages);
        DateTime accepted = DateTime.UtcNow;
        DateTime arrived = smarthost.WaitFor(expected);
        await Task.Delay(s_afterwards);
        ProcessorSplit work = Work(server) - before;
        TimeSpan available = (DateTime.UtcNow - began) * Environment.ProcessorCount;
        return new Round(
            messages / (accepted - began).TotalSeconds,
            messages / (arrived - began).TotalSeconds,
            work / messages,
            work.Elsewhere / available,
            server.Processes.ResidentOctets);
    }

    private ProcessorSplit Work(MailServer server) => new(
        server.Processes.ProcessorTime,
        smarthost.Processes.ProcessorTime,
        _generator.ProcessorTime,
        ProcessorSplit.Busy(File.ReadLines("/proc/stat").First()));

    /// <summary>One message at a time, the next when the smarthost has the last.</summary>
    private async Task SinglesAsync(List<MailServer> servers)
    {
        var letter = new Letter(UsualOctets);
        List<double>[] milliseconds = [.. servers.Select(_ => new List<double>())];
        for (int done = 0; done < options.Single; done += SinglesAtOnce)
        {
            for (int i = 0; i < servers.Count; i++)
            {
                // Whatever the last ones left to be done is not on the way of these.
                await Task.Delay(s_afterwards);
                milliseconds[i].AddRange(Singles(servers[i], letter));
            }
        }

        for (int i = 0; i < servers.Count; i++)
        {
            LoadReport.Single(servers[i].Name, milliseconds[i]);
        }
    }

    private IEnumerable<double> Singles(MailServer server, Letter letter)
    {
        using var client = new LoadClient(server.EndPoint, letter, options.Pipelined);
        long total = smarthost.Total;
        for (int i = 0; i < SinglesAtOnce; i++)
        {
            DateTime sent = client.Send(i);
            client.HangUp();
            total++;
            yield return (smarthost.WaitFor(total) - sent).TotalMilliseconds;
        }
    }
}
