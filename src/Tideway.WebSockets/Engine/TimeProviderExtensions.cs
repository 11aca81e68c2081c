namespace Tideway.WebSockets.Engine;

/// <summary>Reads a clock as the time-outs count.</summary>
internal static class TimeProviderExtensions
{
    /// <summary>The time in milliseconds, from an arbitrary beginning.</summary>
    public static long GetMilliseconds(this TimeProvider timeProvider) =>
        timeProvider.ToMilliseconds(timeProvider.GetTimestamp());

    /// <summary>A timestamp in milliseconds, from the same beginning.</summary>
    public static long ToMilliseconds(this TimeProvider timeProvider, long timestamp) =>
        timestamp / (timeProvider.TimestampFrequency / 1000);
}
