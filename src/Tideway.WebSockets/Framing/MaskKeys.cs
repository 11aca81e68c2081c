using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Tideway.WebSockets.Framing;

/// <summary>Draws masking keys that a page cannot predict (RFC 6455 §5.3, §10.3), many at a time because a draw is
/// dear.</summary>
internal static class MaskKeys
{
    [ThreadStatic]
    private static uint[]? _keys;

    [ThreadStatic]
    private static int _left;

    /// <summary>Takes the next key of this thread.</summary>
    public static uint Next()
    {
        uint[] keys = _keys ??= new uint[256];
        if (_left == 0)
        {
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(keys.AsSpan()));
            _left = keys.Length;
        }

        return keys[--_left];
    }
}
