namespace RelayProxy.Integration.Sidecar;

/// <summary>An application, a relay that shares its network, and a smarthost in a network of its own: in containers, or in network namespaces alone.</summary>
public interface ISidecarStage : IAsyncDisposable
{
    /// <summary>Brings all three up. Ends when the application reaches the relay.</summary>
    Task StartAsync();

    /// <summary>The application's address in the network that it shares with others.</summary>
    string ApplicationAddress { get; }

    /// <summary>Runs Python where the application is, to its end.</summary>
    Task<string> PythonInApplicationAsync(string program);

    /// <summary>Starts Python where the application is; disposing it does not end it.</summary>
    IAsyncDisposable BeginPythonInApplication(string program);

    /// <summary>Runs Python in a place that has a way to the application but is not in its network.</summary>
    Task<string> PythonOutsideAsync(Outside place, string program);

    /// <summary>Runs a command of the relay's where the relay is.</summary>
    Task<(int Status, string Output)> RelayCommandAsync(params string[] command);

    /// <summary>SIGKILL, as from a kernel that is out of memory.</summary>
    Task KillRelayAsync();

    /// <summary>SIGTERM.</summary>
    /// <returns>Its exit status.</returns>
    Task<int> StopRelayAsync();

    /// <summary>Starts it again over the same queue. Ends when the application reaches it.</summary>
    Task StartRelayAsync();

    /// <summary>What it logged, since the first start.</summary>
    Task<string> RelayLogAsync();

    /// <summary><c>/proc/PID/status</c> of the relay.</summary>
    Task<string> RelayProcessStatusAsync();

    Task StopSmarthostAsync();

    Task StartSmarthostAsync();

    /// <summary>What it said, since the first start: a line for each message.</summary>
    Task<string> SmarthostLogAsync();
}

public enum Outside
{
    /// <summary>The machine that the containers run on.</summary>
    Host,

    /// <summary>Another container of the same network.</summary>
    Neighbour,
}
