using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RelayProxy.Proof.Network;

/// <summary>A question to a name server as it came (RFC 1035 §4.1), and the answers that can be made of it.</summary>
internal sealed class Question
{
    private const int HeaderOctets = 12;
    private const int ServerFailure = 2, NoSuchName = 3;

    private readonly byte[] _packet;
    private readonly int _end;

    public Question(byte[] packet)
    {
        _packet = packet;
        var labels = new List<string>();
        int at = HeaderOctets;
        for (; packet[at] != 0; at += 1 + packet[at])
        {
            labels.Add(Encoding.ASCII.GetString(packet, at + 1, packet[at]));
        }

        Name = string.Join('.', labels);
        AsksForSix = BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(at + 1)) == 28;
        _end = at + 5;
    }

    public string Name { get; }

    /// <summary>It asks for AAAA, and otherwise for A.</summary>
    public bool AsksForSix { get; }

    public byte[] Nothing => Reply(0, []);

    public byte[] DoesNotExist => Reply(NoSuchName, []);

    public byte[] Failure => Reply(ServerFailure, []);

    /// <summary>More than fits: to be asked for over TCP, where nobody is.</summary>
    public byte[] Truncated
    {
        get
        {
            byte[] reply = Nothing;
            reply[2] |= 0x02;
            return reply;
        }
    }

    /// <summary>The name is another name of itself.</summary>
    public byte[] AliasOfItself => Reply(0, [Record([0xC0, HeaderOctets], type: 5, [0xC0, HeaderOctets])]);

    /// <summary>These addresses, those that were asked for.</summary>
    public byte[] Addresses(params IEnumerable<string> addresses) => Reply(0, Records([0xC0, HeaderOctets], addresses));

    /// <summary>The addresses of a name that was not asked for.</summary>
    public byte[] AddressesOf(string other, params IEnumerable<string> addresses) => Reply(0, Records(Octets(other), addresses));

    /// <summary>The answer to a question that was not asked.</summary>
    public byte[] ToAnother(params IEnumerable<string> addresses)
    {
        byte[] reply = Addresses(addresses);
        reply[0] ^= 0xFF;
        return reply;
    }

    private static byte[] Octets(string name) => [.. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];

    private static byte[] Record(byte[] name, byte type, byte[] data) =>
        [.. name, 0, type, 0, 1, 0, 0, 0, 0, (byte)(data.Length >> 8), (byte)data.Length, .. data];

    private byte[][] Records(byte[] name, IEnumerable<string> addresses) =>
    [
        .. addresses.Select(IPAddress.Parse)
            .Where(address => address.AddressFamily == AddressFamily.InterNetworkV6 == AsksForSix)
            .Select(address => Record(name, (byte)(AsksForSix ? 28 : 1), address.GetAddressBytes())),
    ];

    private byte[] Reply(byte code, byte[][] records) =>
    [
        _packet[0], _packet[1], 0x81, (byte)(0x80 | code), 0, 1, (byte)(records.Length >> 8), (byte)records.Length, 0, 0, 0, 0,
        .. _packet[HeaderOctets.._end], .. records.SelectMany(record => record),
    ];
}
