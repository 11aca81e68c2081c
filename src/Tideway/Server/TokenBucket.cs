namespace Tideway.Server;

/// <summary>Lets through so many a second, and as many at once.</summary>
/// <remarks>Safe from any thread. Keeps no tokens but the time at which the bucket would be full again.</remarks>
internal sealed class TokenBucket(int perSecond, TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private readonly double _interval = (double)timeProvider.TimestampFrequency / perSecond;
    private double _full;

    /// <summary>How many a second.</summary>
    public int PerSecond => perSecond;

    /// <summary>Takes a token; false when there is none.</summary>
    public bool TryTake()
    {
        long now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            double full = Math.Max(_full, now) + _interval;

            // One tick of grace, for what rounding does to the last token.
            if (full - now > (_interval * perSecond) + 1) return false;
            _full = full;
            return true;
        }
    }
}
