using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tideway.Testing.Chaos;

/// <summary>Finds the frames in the bytes of one direction of a connection, behind the head of its handshake.</summary>
/// <remarks>It believes what it reads: what is no WebSocket is no frame, and passes.</remarks>
internal sealed class FrameSplitter
{
    private readonly List<byte> _bytes = [];
    private bool _headPassed;

    /// <summary>Takes bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

    /// <summary>Takes out what is whole: the head, then frame after frame.</summary>
    /// <param name="isFrame">Whether it is a frame.</param>
    /// <returns>Its bytes; null when it is not whole yet.</returns>
    public byte[]? Next(out bool isFrame)
    {
        isFrame = _headPassed;
        int length = _headPassed ? LengthOfFrame() : LengthOfHead();
        if (length < 0 || length > _bytes.Count) return null;
        byte[] bytes = [.. _bytes.Take(length)];
        _bytes.RemoveRange(0, length);
        _headPassed = true;
        return bytes;
    }

    /// <summary>Takes out what is left at the end.</summary>
    public byte[] Rest()
    {
        byte[] rest = [.. _bytes];
        _bytes.Clear();
        return rest;
    }

    private int LengthOfHead()
    {
        int at = CollectionsMarshal.AsSpan(_bytes).IndexOf("\r\n\r\n"u8);
        return at < 0 ? -1 : at + 4;
    }

    private int LengthOfFrame()
    {
        if (_bytes.Count < 2) return -1;
        int seven = _bytes[1] & 0x7F;
        int extended = seven switch { 126 => 2, 127 => 8, _ => 0 };
        int header = 2 + extended + ((_bytes[1] & 0x80) != 0 ? 4 : 0);
        if (_bytes.Count < header) return -1;
        Span<byte> length = [.. _bytes.Skip(2).Take(extended)];
        ulong payload = extended switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(length),
            8 => BinaryPrimitives.ReadUInt64BigEndian(length),
            _ => (ulong)seven,
        };
        return payload > int.MaxValue - 14 ? _bytes.Count : header + (int)payload;
    }
}
