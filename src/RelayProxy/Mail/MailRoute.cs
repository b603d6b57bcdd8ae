namespace RelayProxy.Mail;

/// <summary>Which way a recipient's mail goes. Each way has its own pace: neither waits for the other.</summary>
internal enum MailRoute
{
    Smarthost,

    /// <summary>It stays on this machine (<see cref="Recipient.Local"/>).</summary>
    Local,
}
