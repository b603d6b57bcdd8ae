namespace RelayProxy.Upstream;

/// <summary>One authenticated session with the smarthost.</summary>
internal sealed partial class SmarthostConnection : IAsyncDisposable
{
    /// <summary><c>smtp.example.net:465</c>, for logs and history.</summary>
    public string Smarthost => throw new NotImplementedException();

    /// <summary><c>TLSv1.3</c>; empty without TLS.</summary>
    public string TlsVersion => throw new NotImplementedException();

    /// <summary>It has carried a message before: trouble before DATA then says nothing about the smarthost.</summary>
    public bool IsReused => throw new NotImplementedException();

    /// <summary>Sends one message. Never throws for what the far side does; cancellation aborts the connection.</summary>
    public ValueTask<TransactionResult> SendAsync(OutgoingMessage message, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
