using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Tideway.WebSockets.Framing;

/// <summary>Draws masking keys that a page cannot predict (RFC 6455 §5.3, §10.3), many at a time because a draw is dear.</summary>
internal static class MaskKeys
{
    [ThreadStatic]
    private static uint[]? t_keys;

    [ThreadStatic]
    private static int t_left;

    /// <summary>Takes the next key of this thread.</summary>
    public static uint Next()
    {
        uint[] keys = t_keys ??= new uint[256];
        if (t_left == 0)
        {
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(keys.AsSpan()));
            t_left = keys.Length;
        }

        return keys[--t_left];
    }
}
