using System.Buffers;
using Tideway.WebSockets.Compression;

namespace Tideway.WebSockets.Framing;

/// <summary>Puts a message together that comes in pieces, or compressed, in a pooled buffer. A mutable value.</summary>
/// <remarks>The buffer grows with the bytes there are, never with a length declared, and never beyond the
/// limit.</remarks>
internal struct MessageAssembly
{
    private const int SmallestBuffer = 4096;

    private byte[]? _buffer;
    private Utf8Validator _utf8;

    /// <summary>How many bytes there are.</summary>
    public int Length { get; private set; }

    /// <summary>Appends a piece as it is; answers what is wrong with it, or null. The caller sees to the
    /// limit.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="isText">Whether the message is text.</param>
    /// <param name="frameRemaining">How many bytes of the frame there will be, this piece included.</param>
    public Violation? Append(ReadOnlySpan<byte> piece, bool isText, long frameRemaining)
    {
        if (isText && !_utf8.Append(piece)) return Violation.InvalidText();
        int needed = Length + piece.Length;
        if (_buffer is null || _buffer.Length < needed)
        {
            long expected = Math.Min(Length + frameRemaining, Math.Max(2L * needed, SmallestBuffer));
            Grow((int)Math.Max(expected, needed));
        }

        piece.CopyTo(_buffer.AsSpan(Length));
        Length = needed;
        return null;
    }

    /// <summary>Appends what a compressed piece holds; answers what is wrong with it, or null.</summary>
    public Violation? Inflate(ReadOnlySpan<byte> piece, bool isText, MessageInflater inflater, int maxPayload)
    {
        Span<byte> beyond = stackalloc byte[1]; // Shows whether there is more than the limit.
        while (true)
        {
            Span<byte> room = Length < maxPayload ? Room(maxPayload) : beyond;
            if (!inflater.TryInflate(ref piece, room, out int written)) return NotDeflated();
            if (written > 0 && Length >= maxPayload) return Violation.TooBig(maxPayload);
            if (isText && !_utf8.Append(room[..written])) return Violation.InvalidText();
            Length += written;
            if (written < room.Length) return null;
        }
    }

    /// <summary>Gives the message away, and begins the next; answers what is wrong with it, or null.</summary>
    /// <param name="inflater">What decompressed the message; null when it was not compressed.</param>
    /// <param name="buffer">The pooled array that begins with the message, for the caller to give back; an empty one
    /// when it is empty.</param>
    /// <param name="length">The length of the message.</param>
    public Violation? Finish(MessageInflater? inflater, out byte[] buffer, out int length)
    {
        (buffer, length) = (_buffer ?? [], Length);
        if (inflater?.TryEndMessage() == false) return NotDeflated();
        if (!_utf8.IsComplete) return Violation.Payload("a text message ends inside a character");
        (_buffer, Length) = (null, 0);
        return null;
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        if (_buffer is not null) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }

    private static Violation NotDeflated() => Violation.Payload("a compressed message cannot be decompressed");

    private Span<byte> Room(int maxPayload)
    {
        int size = _buffer?.Length ?? 0;
        if (Length == size) Grow((int)Math.Min(Math.Max(2L * size, SmallestBuffer), maxPayload));
        return _buffer.AsSpan(Length, Math.Min(_buffer!.Length, maxPayload) - Length);
    }

    private void Grow(int size)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        if (_buffer is not null)
        {
            _buffer.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = larger;
    }
}
