namespace Tideway.Load.Results;

/// <summary>How many messages or handshakes a second there were in one interval. Immutable.</summary>
/// <param name="Seconds">The end of the interval, from the begin of the measured part.</param>
/// <param name="PerSecond">How many a second.</param>
internal sealed record Sample(double Seconds, double PerSecond);
