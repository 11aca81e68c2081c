namespace Tideway.Server;

/// <summary>Lets one record a second pass: a flood of what it tells of must not become a flood of lines.</summary>
/// <remarks>Safe from any thread.</remarks>
internal sealed class LogRate(TimeProvider timeProvider)
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private long? _last;
    private long _withheld;

    /// <summary>Tells whether a record may pass now.</summary>
    /// <param name="withheld">How many did not, since the last one that did.</param>
    public bool MayPass(out long withheld)
    {
        lock (_lock)
        {
            withheld = _withheld;
            if (_last is { } last && timeProvider.GetElapsedTime(last) < _interval)
            {
                _withheld++;
                return false;
            }

            _last = timeProvider.GetTimestamp();
            _withheld = 0;
            return true;
        }
    }
}
