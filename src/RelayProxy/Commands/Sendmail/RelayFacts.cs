using System.Net;
using System.Net.Sockets;
using RelayProxy.Configuration;
using RelayProxy.Listener;
using RelayProxy.Mail;
using RelayProxy.Submission;
using RelayProxy.Submission.Handing;

namespace RelayProxy.Commands.Sendmail;

/// <summary>Where a sendmail learns of the relay: from what a running one left in its run-time folder, or from the settings.</summary>
internal static class RelayFacts
{
    /// <param name="file"><c>--config</c>.</param>
    public static SubmissionDigest Find(string? file, Caller caller, Func<CommandContext> context) =>
        file is null && caller.DigestPath is { } path && SubmissionDigest.Read(path) is { } digest
            ? digest
            : OfSettings(context().ReadConfiguration(file).Options);

    /// <summary>Of a relay that is not there, or has not said.</summary>
    public static SubmissionDigest OfSettings(RelayOptions options) => Of(options, EndpointsOf(options.Listener));

    /// <param name="endpoints">What it listens at. Those of the network come first: whose mail it is, the relay learns there too, and they
    /// are seldom for some users only.</param>
    public static SubmissionDigest Of(RelayOptions options, IEnumerable<EndPoint> endpoints) => new()
    {
        Endpoints = [.. Called(endpoints.Where(endpoint => endpoint is IPEndPoint)), .. Called(endpoints.Where(endpoint => endpoint is not IPEndPoint))],
        HostName = options.Intake.HostName is { Length: > 0 } name ? name : HostIdentity.FullyQualifiedName,
        LongLines = options.Intake.LongLines,
        MaxMessageOctets = options.Session.MaxMessageOctets,
        TrustedUsers = [.. options.Sendmail.TrustedUsers],
    };

    private static IEnumerable<EndPoint> EndpointsOf(ListenerOptions options)
    {
        ListenerEndpoint[] endpoints =
        [
            .. ListenerEndpoint.Split(options.Endpoints)
                .Select(text => ListenerEndpoint.TryParse(text, out ListenerEndpoint? endpoint, out _) ? endpoint : null)
                .OfType<ListenerEndpoint>(),
        ];
        foreach (ListenerEndpoint endpoint in endpoints is [] ? ListenerEndpoint.Defaults : endpoints)
        {
            switch (endpoint)
            {
                case IpListenerEndpoint ip:
                    yield return ip.Address;
                    break;
                case UnixListenerEndpoint unix:
                    yield return new UnixDomainSocketEndPoint(unix.Path);
                    break;
            }
        }
    }

    private static IEnumerable<RelayEndpoint> Called(IEnumerable<EndPoint> endpoints) =>
        endpoints.Select(Dialled).Select(endpoint => new RelayEndpoint(TextOf(endpoint), AddressOf(endpoint)));

    /// <summary>Who listens on all addresses is called on loopback.</summary>
    private static EndPoint Dialled(EndPoint endpoint) => endpoint switch
    {
        IPEndPoint ip when ip.Address.Equals(IPAddress.Any) => new IPEndPoint(IPAddress.Loopback, ip.Port),
        IPEndPoint ip when ip.Address.Equals(IPAddress.IPv6Any) => new IPEndPoint(IPAddress.IPv6Loopback, ip.Port),
        _ => endpoint,
    };

    private static string TextOf(EndPoint endpoint) => endpoint is UnixDomainSocketEndPoint ? $"unix:{endpoint}" : endpoint.ToString()!;

    private static byte[] AddressOf(EndPoint endpoint)
    {
        SocketAddress address = endpoint.Serialize();
        return address.Buffer[..address.Size].ToArray();
    }
}
