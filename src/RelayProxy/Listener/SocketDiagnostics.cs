using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace RelayProxy.Listener;

/// <summary>
/// Asks the kernel about one TCP socket by its two ends (sock_diag(7)). One question, one answer, whatever the number of sockets; the
/// table in <c>/proc/net</c> would have to be read whole.
/// </summary>
internal static class SocketDiagnostics
{
    // struct nlmsghdr        16 octets: length, type, flags, sequence, port
    // struct inet_diag_req_v2 56 octets: family, protocol, extensions, pad, states, then
    // struct inet_diag_sockid 48 octets: sport, dport (network order), src[16], dst[16], interface, cookie[8]
    // struct inet_diag_msg    72 octets: family, state, timer, retrans, sockid, expires, rqueue, wqueue, uid, inode
    private const int HeaderOctets = 16;
    private const int SocketIdOctets = 48;
    private const int RequestOctets = HeaderOctets + 8 + SocketIdOctets;
    private const int UserIdAt = HeaderOctets + 4 + SocketIdOctets + 12;
    private const int InodeAt = UserIdAt + 4;
    private const ushort SockDiagByFamily = 20;
    private const ushort FlagRequest = 1;
    private const byte FamilyInet = 2;
    private const byte FamilyInet6 = 10;
    private const byte ProtocolTcp = 6;

    private static volatile bool s_hasAnswered;

    /// <summary>The kernel has known a socket that it was asked about: one that it does not know is gone then. Before, the reason may be that it
    /// lacks this service, which it says in the same words.</summary>
    public static bool HasAnswered => s_hasAnswered;

    /// <summary>The owner of the TCP socket whose own end is <paramref name="near"/>; <c>null</c> if there is none, or nobody may ask.</summary>
    public static uint? UserIdOf(IPEndPoint near, IPEndPoint far)
    {
        Span<byte> message = stackalloc byte[256];
        Write(message[..RequestOctets], near, far);

        int netlink = LinuxNative.OpenSocket(LinuxNative.AfNetlink, LinuxNative.SockRaw | LinuxNative.SockCloexec, LinuxNative.NetlinkSockDiag);
        if (netlink < 0)
        {
            return null;
        }

        try
        {
            // The kernel answers before send returns; the bound is for the case that it does not.
            Span<byte> aSecond = stackalloc byte[16];
            aSecond[0] = 1;
            _ = LinuxNative.SetSocketOption(netlink, LinuxNative.SolSocket, LinuxNative.SoReceiveTimeout, aSecond, (uint)aSecond.Length);
            if (LinuxNative.Send(netlink, message[..RequestOctets], RequestOctets, 0) != RequestOctets)
            {
                return null;
            }

            nint received = LinuxNative.Receive(netlink, message, (nuint)message.Length, 0);
            return received >= InodeAt + 4 ? Read(message[..(int)received]) : null;
        }
        finally
        {
            _ = LinuxNative.Close(netlink);
        }
    }

    private static void Write(Span<byte> request, IPEndPoint near, IPEndPoint far)
    {
        request.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(request, RequestOctets);
        BinaryPrimitives.WriteUInt16LittleEndian(request[4..], SockDiagByFamily);
        BinaryPrimitives.WriteUInt16LittleEndian(request[6..], FlagRequest);

        Span<byte> body = request[HeaderOctets..];
        body[0] = near.AddressFamily == AddressFamily.InterNetworkV6 ? FamilyInet6 : FamilyInet;
        body[1] = ProtocolTcp;
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], uint.MaxValue);

        Span<byte> id = body[8..];
        BinaryPrimitives.WriteUInt16BigEndian(id, (ushort)near.Port);
        BinaryPrimitives.WriteUInt16BigEndian(id[2..], (ushort)far.Port);
        near.Address.TryWriteBytes(id[4..], out _);
        far.Address.TryWriteBytes(id[20..], out _);

        // No cookie: whichever socket it is.
        id[40..].Fill(0xff);
    }

    /// <summary>A socket that its owner has closed has no inode any more, and its uid then reads 0: that is not root.</summary>
    private static uint? Read(ReadOnlySpan<byte> answer)
    {
        if (BinaryPrimitives.ReadUInt16LittleEndian(answer[4..]) != SockDiagByFamily)
        {
            return null;
        }

        s_hasAnswered = true;
        return BinaryPrimitives.ReadUInt32LittleEndian(answer[InodeAt..]) != 0 ? BinaryPrimitives.ReadUInt32LittleEndian(answer[UserIdAt..]) : null;
    }
}
