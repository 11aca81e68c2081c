using System.Runtime.InteropServices;

namespace Tideway.WebSockets.Compression;

/// <summary>What a call into zlib reads and writes: the runtime's own view of a <c>z_stream</c>, field by
/// field.</summary>
/// <remarks>The native side copies it in and out, so each call may have a fresh one on the stack; only
/// <see cref="State"/> lives on.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ZlibStream
{
    /// <summary>The next byte to read.</summary>
    public byte* NextIn;

    /// <summary>Where the next byte is written.</summary>
    public byte* NextOut;

    /// <summary>The text of the last error.</summary>
    public byte* Message;

    /// <summary>The native stream.</summary>
    public nint State;

    /// <summary>How many bytes there are to read.</summary>
    public uint AvailableIn;

    /// <summary>How many bytes may be written.</summary>
    public uint AvailableOut;
}
