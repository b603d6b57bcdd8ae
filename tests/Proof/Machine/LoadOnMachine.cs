namespace RelayProxy.Proof.Machine;

/// <summary>Several clients that bring mail without end, small and large.</summary>
internal sealed class LoadOnMachine : IAsyncDisposable
{
    private static readonly TimeSpan s_afterRefusal = TimeSpan.FromMilliseconds(20);

    private readonly FaultyMachine _machine;
    private readonly CancellationTokenSource _enough = new();
    private readonly Task[] _clients;
    private int _taken;
    private int _refused;

    public LoadOnMachine(FaultyMachine machine, int clients)
    {
        _machine = machine;
        _clients = [.. Enumerable.Range(0, clients).Select(client => Task.Run(() => BringAsync(client % 2 == 0 ? 1_000 : 20_000)))];
    }

    /// <summary>Waits until some more have been taken.</summary>
    public Task TakenAsync()
    {
        int before = Volatile.Read(ref _taken);
        return _machine.UntilAsync(() => Task.FromResult(Volatile.Read(ref _taken) > before + 20 || HasFailed()), "No mail is taken");
    }

    /// <summary>Waits until some have been refused.</summary>
    public Task RefusedAsync()
    {
        int before = Volatile.Read(ref _refused);
        return _machine.UntilAsync(() => Task.FromResult(Volatile.Read(ref _refused) > before + 3 || HasFailed()), "Mail is taken as before");
    }

    public void Note(string proof, TimeSpan lasted, TimeSpan resumed) => Figures.Note(
        proof, ("lasted s", lasted.TotalSeconds), ("accepted", _machine.Ledger.Accepted), ("refused", _refused), ("lost", 0), ("altered", 0), ("false 250", 0),
        ("slowest 4xx ms", (int)_machine.SlowestRefusal.TotalMilliseconds), ("until mail is taken ms", (int)resumed.TotalMilliseconds));

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_clients);
    }

    /// <summary>What a client found wrong is told at the end, by <see cref="DisposeAsync"/>.</summary>
    private bool HasFailed() => _clients.Any(client => client.IsFaulted);

    private async Task BringAsync(int octets)
    {
        while (!_enough.IsCancellationRequested)
        {
            string reply = await _machine.SendAsync(octets);
            if (reply.StartsWith('2'))
            {
                Interlocked.Increment(ref _taken);
            }
            else
            {
                Interlocked.Increment(ref _refused);
                await Task.Delay(s_afterRefusal, CancellationToken.None);
            }
        }
    }
}
