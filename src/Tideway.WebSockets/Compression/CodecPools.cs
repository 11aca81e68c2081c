namespace Tideway.WebSockets.Compression;

/// <summary>The deflaters and inflaters of the process that belong to no connection. Safe from any thread.</summary>
internal static class CodecPools
{
    private const int Levels = 10;
    private const int WindowSizes = 16;
    private static readonly IdlePool<Deflater>?[] _deflaters = new IdlePool<Deflater>?[Levels * WindowSizes];

    /// <summary>The inflaters.</summary>
    public static IdlePool<Inflater> Inflaters { get; } = new(static () => new Inflater());

    /// <summary>The deflaters of one kind.</summary>
    public static IdlePool<Deflater> Deflaters(int level, int windowBits)
    {
        ref IdlePool<Deflater>? pool = ref _deflaters[level * WindowSizes + windowBits];
        if (Volatile.Read(ref pool) is { } made) return made;
        Interlocked.CompareExchange(ref pool, Make(level, windowBits), null);
        return pool;
    }

    // Apart, so that the closure is made only here.
    private static IdlePool<Deflater> Make(int level, int windowBits) => new(() => new Deflater(level, windowBits));
}
