using System.Runtime.InteropServices;

namespace Tideway.WebSockets.Compression;

/// <summary>The zlib that the .NET runtime ships for its own streams, which offer neither window bits nor flushes of a
/// kind.</summary>
/// <remarks>Pointers must stay valid for the call; none is kept.</remarks>
internal static unsafe partial class Zlib
{
    public const int Ok = 0;
    public const int StreamEnd = 1;
    public const int BufferError = -5; // Nothing could be done for want of input or room. It is no error.

    public const int SyncFlush = 2; // Ends at a byte, and remembers what came before.
    public const int FullFlush = 3; // Ends at a byte, and forgets it.
    public const int StopAtBlock = 5; // Inflates up to the next end of a block.

    private const string Library = "System.IO.Compression.Native";
    private const int Deflated = 8;
    private const int DefaultStrategy = 0;

    /// <summary>Makes a native stream that compresses to bare DEFLATE data.</summary>
    public static int DeflateInit(ZlibStream* stream, int level, int windowBits, int memoryLevel) =>
        CompressionNative_DeflateInit2_(stream, level, Deflated, -windowBits, memoryLevel, DefaultStrategy);

    /// <summary>Makes a native stream that decompresses bare DEFLATE data.</summary>
    public static int InflateInit(ZlibStream* stream, int windowBits) =>
        CompressionNative_InflateInit2_(stream, -windowBits);

    /// <summary>Begins anew with a stream that decompresses; its memory is used again.</summary>
    public static int InflateReset(ZlibStream* stream, int windowBits) =>
        CompressionNative_InflateReset2_(stream, -windowBits);

    [LibraryImport(Library, EntryPoint = "CompressionNative_Deflate")]
    public static partial int Deflate(ZlibStream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "CompressionNative_DeflateEnd")]
    public static partial int DeflateEnd(ZlibStream* stream);

    [LibraryImport(Library, EntryPoint = "CompressionNative_Inflate")]
    public static partial int Inflate(ZlibStream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateEnd")]
    public static partial int InflateEnd(ZlibStream* stream);

    [LibraryImport(Library)]
    private static partial int CompressionNative_DeflateInit2_(
        ZlibStream* stream, int level, int method, int windowBits, int memoryLevel, int strategy);

    [LibraryImport(Library)]
    private static partial int CompressionNative_InflateInit2_(ZlibStream* stream, int windowBits);

    [LibraryImport(Library)]
    private static partial int CompressionNative_InflateReset2_(ZlibStream* stream, int windowBits);
}
