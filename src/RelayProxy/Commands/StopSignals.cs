using System.Runtime.InteropServices;

namespace RelayProxy.Commands;

/// <summary>What an operator says to a daemon: SIGTERM and SIGINT stop it, said again they end it at once; SIGHUP has it read its
/// settings again. What the system says of a file that may not become longer is no reason to end: the write that wanted it hears it too.</summary>
internal sealed class StopSignals : IDisposable
{
    /// <summary>SIGXFSZ of Linux and the BSDs: RLIMIT_FSIZE. Left alone it ends the process.</summary>
    private const PosixSignal FileTooLong = (PosixSignal)25;

    private readonly TaskCompletionSource<PosixSignal> _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action<PosixSignal> _endAtOnce;

    /// <param name="reload">For SIGHUP.</param>
    /// <param name="endAtOnce">For the second SIGTERM or SIGINT.</param>
    public StopSignals(Action reload, Action<PosixSignal> endAtOnce)
    {
        _endAtOnce = endAtOnce;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
            {
                context.Cancel = true;
                reload();
            }),
            PosixSignalRegistration.Create(FileTooLong, static context => context.Cancel = true),
        ];
    }

    /// <summary>Completes with the first signal to stop.</summary>
    public Task<PosixSignal> Stopped => _stop.Task;

    /// <summary>As if the signal had come.</summary>
    public void RequestStop() => _stop.TrySetResult(PosixSignal.SIGTERM);

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        if (!_stop.TrySetResult(context.Signal))
        {
            _endAtOnce(context.Signal);
        }
    }
}
