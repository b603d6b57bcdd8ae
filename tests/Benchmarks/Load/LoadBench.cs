namespace RelayProxy.Benchmarks.Load;

/// <summary><c>load</c>: sends mail from several programs at once and looks at both ends; see <see cref="BenchOptions.Help"/>.</summary>
internal sealed class LoadBench(BenchOptions options, string folder)
{
    /// <summary>The smarthost tells its total so often.</summary>
    private const int TellEvery = 50;

    private readonly ReadOnlyMemory<byte> _message = LoadClient.Message(options.Octets);

    /// <returns>An exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        BenchOptions options;
        try
        {
            options = BenchOptions.Parse(arguments);
        }
        catch (FormatException fault)
        {
            await Console.Error.WriteLineAsync($"{fault.Message}\n\n{BenchOptions.Help}");
            return 64;
        }

        using var temporary = new Harness.TemporaryFolder();
        var bench = new LoadBench(options, temporary.Path);
        try
        {
            await bench.RatesAsync();
            if (options.Single > 0)
            {
                await bench.SinglesAsync();
            }
        }
        catch (Exception fault) when (fault is InvalidOperationException or IOException)
        {
            // Caught, so that what was started is ended.
            await Console.Error.WriteLineAsync(fault.Message);
            return 1;
        }

        return 0;
    }

    private async Task RatesAsync()
    {
        await using StandIn smarthost = await StandIn.StartAsync(folder, options.LatencyMilliseconds, TellEvery);
        var servers = new List<MailServer>();
        try
        {
            await StartAsync(servers, smarthost, "rates");
            foreach (MailServer server in servers)
            {
                // Where the smarthost is far away, how fast we compute is of no account.
                int messages = options.LatencyMilliseconds == 0 ? server.WarmUpMessages : Math.Min(server.WarmUpMessages, options.Messages);
                await RoundAsync(server, smarthost, clients: 10, messages);
            }

            LoadReport.Begin(options, servers);
            foreach (int clients in options.Clients)
            {
                var rounds = new List<Round[]>();
                for (int i = 0; i < (options.Rounds ?? 3); i++)
                {
                    var round = new List<Round>();
                    foreach (MailServer server in servers)
                    {
                        round.Add(await RoundAsync(server, smarthost, clients, options.Messages));
                    }

                    rounds.Add([.. round]);
                }

                LoadReport.Row(clients, servers, rounds);
            }

            LoadReport.End(servers);
        }
        finally
        {
            await StopAsync(servers);
        }
    }

    private async Task SinglesAsync()
    {
        await using StandIn smarthost = await StandIn.StartAsync(folder, options.LatencyMilliseconds, tellEvery: 1);
        var servers = new List<MailServer>();
        try
        {
            await StartAsync(servers, smarthost, "singles");
            foreach (MailServer server in servers)
            {
                await SinglesAsync(server, smarthost, Math.Min(options.Single, 50));
                LoadReport.Single(server.Name, await SinglesAsync(server, smarthost, options.Single));
            }
        }
        finally
        {
            await StopAsync(servers);
        }
    }

    private async Task StartAsync(List<MailServer> servers, StandIn smarthost, string name)
    {
        servers.Add(await RelayUnderLoad.StartAsync(options, smarthost, Folder($"{name}-relay")));
        if (options.AgainstPostfix)
        {
            servers.Add(await PostfixUnderLoad.StartAsync(options, smarthost, Folder($"{name}-postfix")));
        }
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(folder, name)).FullName;

    private static async Task StopAsync(List<MailServer> servers)
    {
        foreach (MailServer server in servers)
        {
            await server.DisposeAsync();
        }
    }

    private async Task<Round> RoundAsync(MailServer server, StandIn smarthost, int clients, int messages)
    {
        messages = messages / TellEvery * TellEvery;
        int left = messages;
        TimeSpan processorTime = server.Processes.ProcessorTime;
        DateTimeOffset began = DateTimeOffset.UtcNow;
        Task<DateTimeOffset> arrived = smarthost.TakesAsync(messages);
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(ClientAsync)));
        DateTimeOffset accepted = DateTimeOffset.UtcNow;
        DateTimeOffset ended = await arrived;

        // What is written down afterwards belongs to the message too.
        await Task.Delay(TimeSpan.FromMilliseconds(200));
        return new Round(
            messages / (accepted - began).TotalSeconds,
            messages / (ended - began).TotalSeconds,
            (server.Processes.ProcessorTime - processorTime) / messages,
            server.Processes.ResidentOctets);

        async Task ClientAsync()
        {
            using var client = new LoadClient(server.EndPoint, _message, options.Pipelined);
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await client.SendAsync();
                if (!options.Reuse)
                {
                    await client.HangUpAsync();
                }
            }
        }
    }

    /// <summary>One message at a time, the next when the smarthost has the last.</summary>
    private async Task<double[]> SinglesAsync(MailServer server, StandIn smarthost, int messages)
    {
        double[] milliseconds = new double[messages];
        using var client = new LoadClient(server.EndPoint, _message, options.Pipelined);
        for (int i = 0; i < messages; i++)
        {
            Task<DateTimeOffset> arrived = smarthost.TakesAsync(1);
            DateTimeOffset sent = await client.SendAsync();
            await client.HangUpAsync();
            milliseconds[i] = (await arrived - sent).TotalMilliseconds;
        }

        return milliseconds;
    }
}

/// <param name="Accepted">Messages a second, until the last 250 to a client.</param>
/// <param name="Arrived">Messages a second, until the smarthost has the last.</param>
/// <param name="ProcessorTime">Of the server, for each message.</param>
internal readonly record struct Round(double Accepted, double Arrived, TimeSpan ProcessorTime, long ResidentOctets);
