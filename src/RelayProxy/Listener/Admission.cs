using System.Net;
using RelayProxy.Session;
using RelayProxy.Smtp;

namespace RelayProxy.Listener;

/// <summary>Who may come in, and how many at the same time. Asked for each connection, before anything is spent on it.</summary>
internal sealed class Admission
{
    private readonly ListenerOptions _options;
    private readonly IPNetwork[] _networks;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _connectionsByPeer = new(StringComparer.Ordinal);
    private int _connections;

    /// <param name="options">Checked by <see cref="ListenerOptionsRules"/> before.</param>
    public Admission(ListenerOptions options)
    {
        _options = options;
        _networks = options.AllowNonLoopback ? [.. options.AllowedNetworks.Select(static text => IPNetwork.Parse(text))] : [];
    }

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Counts a connection in; or says why not, and counts nothing.</summary>
    /// <param name="local">Our end, as the kernel has it: a packet to 127.0.0.1 that came over a wire has a peer that is not loopback, and a
    /// listener bound to more than loopback has ends that are not.</param>
    /// <param name="peer">Whom the connection counts for; give it to <see cref="Leave"/>.</param>
    public SmtpReply? TryEnter(EndPoint? local, EndPoint? remote, out string peer)
    {
        peer = remote is IPEndPoint { Address: var address } ? address.ToString() : "unix";
        if (!MayConnect(local, remote))
        {
            return Replies.NotFromHere;
        }

        lock (_gate)
        {
            int ofPeer = _connectionsByPeer.GetValueOrDefault(peer);
            if (_connections >= _options.MaxConnections || ofPeer >= _options.MaxConnectionsPerPeer)
            {
                return Replies.TooManyConnections;
            }

            _connections++;
            _connectionsByPeer[peer] = ofPeer + 1;
            return null;
        }
    }

    public void Leave(string peer)
    {
        lock (_gate)
        {
            _connections--;
            int left = _connectionsByPeer[peer] - 1;
            if (left > 0)
            {
                _connectionsByPeer[peer] = left;
            }
            else
            {
                _connectionsByPeer.Remove(peer);
            }
        }
    }

    private bool MayConnect(EndPoint? local, EndPoint? remote)
    {
        // Unix sockets are guarded by the permissions of their file.
        if (local is not IPEndPoint { Address: var ours } || remote is not IPEndPoint { Address: var theirs })
        {
            return local is not IPEndPoint && remote is not IPEndPoint;
        }

        if (ListenerOptionsRules.IsLoopback(ours) && ListenerOptionsRules.IsLoopback(theirs))
        {
            return true;
        }

        IPAddress address = theirs.IsIPv4MappedToIPv6 ? theirs.MapToIPv4() : theirs;
        foreach (IPNetwork network in _networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
