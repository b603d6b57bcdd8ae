namespace RelayProxy.Upstream;

/// <summary>
/// The connections to one smarthost: opened on demand up to <see cref="SmarthostOptions.MaxConnections"/>, tested before they are used
/// again, retired by age, count and change of settings.
/// </summary>
internal sealed class SmarthostPool : IAsyncDisposable
{
    /// <summary>A tested idle connection or a fresh one, authenticated and ready for MAIL; or why there is none.</summary>
    public ValueTask<(SmarthostConnection? Connection, SessionFailure? Failure)> AcquireAsync(CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Takes a connection back for reuse, or closes it if it is not fit for that.</summary>
    public ValueTask ReleaseAsync(SmarthostConnection connection) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
