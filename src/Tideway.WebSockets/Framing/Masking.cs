using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tideway.WebSockets.Framing;

/// <summary>Masks and unmasks payloads, which is the same operation (RFC 6455 §5.3). Pure functions.</summary>
public static class Masking
{
    /// <summary>XORs the bytes with the key, in place.</summary>
    /// <param name="payload">The bytes to mask or unmask.</param>
    /// <param name="key">The key, its first byte on the wire in the lowest eight bits.</param>
    /// <returns>The key turned so that it goes on where this call ended, for a payload that comes in pieces.</returns>
    public static uint Apply(Span<byte> payload, uint key)
    {
        int done = 0;
        ref byte start = ref MemoryMarshal.GetReference(payload);

        // The loads and stores stay inside the span: each step checks that all that it takes is left.
        if (Vector512.IsHardwareAccelerated && payload.Length >= Vector512<byte>.Count)
        {
            Vector512<byte> mask = Vector512.Create(key).AsByte();
            for (; done <= payload.Length - Vector512<byte>.Count; done += Vector512<byte>.Count)
                (Vector512.LoadUnsafe(ref start, (nuint)done) ^ mask).StoreUnsafe(ref start, (nuint)done);
        }

        if (Vector256.IsHardwareAccelerated && payload.Length - done >= Vector256<byte>.Count)
        {
            Vector256<byte> mask = Vector256.Create(key).AsByte();
            for (; done <= payload.Length - Vector256<byte>.Count; done += Vector256<byte>.Count)
                (Vector256.LoadUnsafe(ref start, (nuint)done) ^ mask).StoreUnsafe(ref start, (nuint)done);
        }

        if (Vector128.IsHardwareAccelerated && payload.Length - done >= Vector128<byte>.Count)
        {
            Vector128<byte> mask = Vector128.Create(key).AsByte();
            for (; done <= payload.Length - Vector128<byte>.Count; done += Vector128<byte>.Count)
                (Vector128.LoadUnsafe(ref start, (nuint)done) ^ mask).StoreUnsafe(ref start, (nuint)done);
        }

        for (; done <= payload.Length - sizeof(uint); done += sizeof(uint))
        {
            ref byte at = ref Unsafe.Add(ref start, done);
            Unsafe.WriteUnaligned(ref at, Unsafe.ReadUnaligned<uint>(ref at) ^ key);
        }

        return ApplyScalar(payload[done..], key);
    }

    /// <summary>Does what <see cref="Apply"/> does, byte by byte: the definition that tests hold the vectors
    /// against.</summary>
    internal static uint ApplyScalar(Span<byte> payload, uint key)
    {
        for (int i = 0; i < payload.Length; i++) payload[i] ^= (byte)(key >> (8 * (i & 3)));
        return BitOperations.RotateRight(key, 8 * (payload.Length & 3));
    }
}
