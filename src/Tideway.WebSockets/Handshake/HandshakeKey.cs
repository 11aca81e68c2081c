using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Tideway.WebSockets.Handshake;

/// <summary>The keys by which both sides prove that they mean a WebSocket (RFC 6455 §4.1, §4.2.2). Pure
/// functions.</summary>
public static class HandshakeKey
{
    private const int KeyBytes = 16;
    private const int KeyLength = 24;

    private static ReadOnlySpan<byte> Guid => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    /// <summary>Tells whether the value of <c>Sec-WebSocket-Key</c> is the base64 form of 16 bytes (RFC 6455
    /// §4.1).</summary>
    public static bool IsValid([NotNullWhen(true)] string? key) =>
        key is { Length: KeyLength } && Base64.IsValid(key, out int decoded) && decoded == KeyBytes;

    /// <summary>Makes a key for an opening handshake from a cryptographic random generator.</summary>
    public static string Create() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));

    /// <summary>Computes the value of <c>Sec-WebSocket-Accept</c> that answers a key.</summary>
    /// <param name="key">A key for which <see cref="IsValid"/> is true.</param>
    /// <exception cref="ArgumentException">The key is not valid.</exception>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 §4.2.2 names SHA-1; nothing is protected by it.")]
    public static string ComputeAccept(string key)
    {
        if (!IsValid(key)) throw new ArgumentException("The key is not the base64 form of 16 bytes.", nameof(key));

        Span<byte> source = stackalloc byte[KeyLength + Guid.Length];
        Encoding.ASCII.GetBytes(key, source);
        Guid.CopyTo(source[KeyLength..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(source, hash);
        return Convert.ToBase64String(hash);
    }
}
