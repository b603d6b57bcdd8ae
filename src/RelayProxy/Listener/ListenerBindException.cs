namespace RelayProxy.Listener;

/// <summary>The listener cannot start. The message is for the operator: which endpoint, what is wrong, and the way out.</summary>
internal sealed class ListenerBindException(string message, Exception? inner = null) : Exception(message, inner);
