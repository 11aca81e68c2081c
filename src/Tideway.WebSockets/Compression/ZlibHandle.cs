using System.Runtime.InteropServices;

namespace Tideway.WebSockets.Compression;

/// <summary>Owns a native stream: what is not disposed is freed by its finalizer.</summary>
internal sealed unsafe class ZlibHandle : SafeHandle
{
    private readonly bool _deflates;

    private ZlibHandle(bool deflates)
        : base(0, ownsHandle: true) => _deflates = deflates;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Makes a stream that compresses.</summary>
    public static ZlibHandle Deflate(int level, int windowBits, int memoryLevel)
    {
        var owner = new ZlibHandle(deflates: true);
        ZlibStream stream = default;
        int result = Zlib.DeflateInit(&stream, level, windowBits, memoryLevel);
        return owner.Take(stream, result);
    }

    /// <summary>Makes a stream that decompresses.</summary>
    public static ZlibHandle Inflate(int windowBits)
    {
        var owner = new ZlibHandle(deflates: false);
        ZlibStream stream = default;
        int result = Zlib.InflateInit(&stream, windowBits);
        return owner.Take(stream, result);
    }

    /// <summary>Points to the native stream, and to memory that is pinned, for one call. The caller keeps this object
    /// alive meanwhile.</summary>
    public ZlibStream Lend(byte* from, int lengthFrom, byte* to, int lengthTo)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        return new ZlibStream
        {
            State = handle,
            NextIn = from,
            AvailableIn = (uint)lengthFrom,
            NextOut = to,
            AvailableOut = (uint)lengthTo,
        };
    }

    /// <summary>Fails for a result with which no call of ours can go on.</summary>
    public static InvalidOperationException Failure(int result) => new($"zlib answered {result}.");

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        ZlibStream stream = new() { State = handle };
        _ = _deflates ? Zlib.DeflateEnd(&stream) : Zlib.InflateEnd(&stream);
        return true;
    }

    private ZlibHandle Take(in ZlibStream stream, int result)
    {
        SetHandle(stream.State);
        if (result == Zlib.Ok) return this;
        Dispose();
        throw Failure(result);
    }
}
