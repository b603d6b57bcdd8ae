using System.Globalization;
using System.Net;
using RelayProxy.Harness;

namespace RelayProxy.Benchmarks.Load;

/// <summary>The stand-in smarthost, as a process of its own: TLS, a login, and a clock that says when so many messages had arrived.</summary>
internal sealed class StandIn : IAsyncDisposable
{
    public const string Username = "load";
    public const string Password = "load-password";

    private readonly ChildProcess _process;
    private readonly int _tellEvery;
    private long _expected;

    private StandIn(ChildProcess process, int port, string authorityFile, int tellEvery)
    {
        (_process, Port, AuthorityFile, _tellEvery) = (process, port, authorityFile, tellEvery);
    }

    public int Port { get; }

    /// <summary>PEM: whose certificate it shows.</summary>
    public string AuthorityFile { get; }

    /// <param name="tellEvery">Rounds have to be multiples of it.</param>
    public static async Task<StandIn> StartAsync(string folder, int latencyMilliseconds, int tellEvery)
    {
        string authorityFile = Path.Combine(folder, $"authority-{tellEvery}.pem");
        ChildProcess process = ChildProcess.Start("dotnet",
        [
            RelayProcess.Assembly, "demo-smarthost", "--username", Username, "--password", Password, "--authority-file", authorityFile,
            "--latency", latencyMilliseconds.ToString(CultureInfo.InvariantCulture),
            "--tell-every", tellEvery.ToString(CultureInfo.InvariantCulture),
        ]);
        string ready = await process.WaitForLineAsync(line => line.Contains("is ready on", StringComparison.Ordinal));
        string endPoint = ready.Split(' ').First(word => word.StartsWith("127.", StringComparison.Ordinal)).TrimEnd(',');
        return new StandIn(process, IPEndPoint.Parse(endPoint).Port, authorityFile, tellEvery);
    }

    /// <summary>So many more messages are on their way. Waits until the smarthost has them all, and returns when that was.</summary>
    public async Task<DateTimeOffset> TakesAsync(int messages)
    {
        if (messages % _tellEvery != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(messages), $"{messages} is no multiple of {_tellEvery}");
        }

        _expected += messages;
        string start = string.Create(CultureInfo.InvariantCulture, $"{_expected} messages at ");
        string line = await _process.WaitForLineAsync(line => line.StartsWith(start, StringComparison.Ordinal));
        return DateTimeOffset.Parse(line[start.Length..], CultureInfo.InvariantCulture);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
