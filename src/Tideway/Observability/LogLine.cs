using System.Buffers;

namespace Tideway.Observability;

/// <summary>One finished line, in a rented buffer that its last user gives back.</summary>
/// <param name="Buffer">The rented buffer.</param>
/// <param name="Length">How many of its bytes are the line, its line feed among them.</param>
internal readonly record struct LogLine(byte[] Buffer, int Length)
{
    public ReadOnlySpan<byte> Bytes => Buffer.AsSpan(0, Length);

    /// <summary>Gives the buffer back; the line is not used after it.</summary>
    public void Return() => ArrayPool<byte>.Shared.Return(Buffer);
}
