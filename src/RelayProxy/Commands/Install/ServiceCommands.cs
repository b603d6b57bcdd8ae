namespace RelayProxy.Commands.Install;

/// <summary>What is typed to start and stop the service.</summary>
internal static class ServiceCommands
{
    /// <summary>With the settings and the program as they are now, whether it runs or not.</summary>
    public static string[]? Start(ServiceKind kind) => kind switch
    {
        ServiceKind.Systemd => ["systemctl", "restart", "relayproxy.socket", "relayproxy.service"],
        ServiceKind.OpenRc => ["rc-service", "relayproxy", "restart"],
        ServiceKind.FreeBsd => ["service", "relayproxy", "restart"],
        ServiceKind.None => null,
    };

    public static string[]? Stop(ServiceKind kind) => kind switch
    {
        ServiceKind.Systemd => ["systemctl", "stop", "relayproxy.socket", "relayproxy.service"],
        ServiceKind.OpenRc => ["rc-service", "--ifstarted", "relayproxy", "stop"],
        ServiceKind.FreeBsd => ["service", "relayproxy", "stop"],
        ServiceKind.None => null,
    };
}
