namespace Tideway.Server;

/// <summary>Lets through so many at a time. Safe from any thread.</summary>
internal sealed class InFlightLimit(int limit)
{
    private volatile int _limit = limit;
    private int _count;

    /// <summary>How many; may be changed at any time.</summary>
    public int Limit
    {
        set => _limit = value;
    }

    /// <summary>Takes a place, to be disposed at the end; null when all are taken.</summary>
    public Place? Enter()
    {
        if (Interlocked.Increment(ref _count) <= _limit) return new Place(this);
        Interlocked.Decrement(ref _count);
        return null;
    }

    /// <summary>One of the places. Only the first dispose gives it back.</summary>
    internal sealed class Place(InFlightLimit owner) : IDisposable
    {
        private InFlightLimit? _owner = owner;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _owner, null) is { } owner) Interlocked.Decrement(ref owner._count);
        }
    }
}
