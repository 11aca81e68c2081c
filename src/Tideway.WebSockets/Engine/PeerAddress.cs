using System.Buffers.Binary;
using System.Net;

namespace Tideway.WebSockets.Engine;

/// <summary>The IP address and port of a peer in 24 bytes, where an <see cref="IPEndPoint"/> takes four times
/// that.</summary>
internal readonly struct PeerAddress
{
    /// <summary>The length of the longest address of the kernel, that of a unix socket.</summary>
    public const int MaxLength = 128;

    private const int Inet = 2;
    private const int Inet6 = 10;

    // Two halves, since a UInt128 would be aligned to 16 bytes.
    private readonly ulong _high;
    private readonly ulong _low;
    private readonly uint _scope;
    private readonly ushort _port;
    private readonly byte _family;

    private PeerAddress(byte family, UInt128 address, uint scope, ushort port) =>
        (_family, _high, _low, _scope, _port) = (family, (ulong)(address >> 64), (ulong)address, scope, port);

    /// <summary>Reads the kernel's form of an address; anything but IP becomes an address without an end
    /// point.</summary>
    public static PeerAddress Parse(ReadOnlySpan<byte> address)
    {
        // struct sockaddr_in { family: 2, port: 2 (big endian), address: 4 }
        // struct sockaddr_in6 { family: 2, port: 2 (big endian), flow: 4, address: 16, scope: 4 }
        if (address.Length < 8) return default;
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return address[0] switch
        {
            Inet => new PeerAddress(Inet, BinaryPrimitives.ReadUInt32BigEndian(address[4..]), 0, port),
            Inet6 when address.Length >= 28 => new PeerAddress(
                Inet6,
                BinaryPrimitives.ReadUInt128BigEndian(address[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(address[24..]),
                port),
            _ => default,
        };
    }

    /// <summary>Makes the end point; null when there is none.</summary>
    public IPEndPoint? ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, new UInt128(_high, _low));
        return _family switch
        {
            Inet => new IPEndPoint(new IPAddress(bytes[12..]), _port),
            Inet6 => new IPEndPoint(new IPAddress(bytes, _scope), _port),
            _ => null,
        };
    }
}
