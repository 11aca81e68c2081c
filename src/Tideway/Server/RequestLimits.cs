namespace Tideway.Server;

/// <summary>The limits of one handler's requests, which may change at any time.</summary>
/// <remarks>Safe from any thread. A limit that is off costs nothing.</remarks>
internal sealed class RequestLimits
{
    private readonly HandlerConfig _config;
    private readonly TimeProvider _timeProvider;
    private volatile TokenBucket? _perSecond;
    private volatile Dictionary<string, InFlightLimit>? _inFlight;

    /// <summary>Begins with the limits of the handler's section.</summary>
    public RequestLimits(HandlerConfig config, TimeProvider timeProvider)
    {
        (_config, _timeProvider) = (config, timeProvider);
        Set(null, null);
    }

    /// <summary>Sets the limits; null for those of the section. Called by one thread at a time.</summary>
    public void Set(int? perSecond, int? inFlight)
    {
        int? rate = perSecond ?? _config.MaxRequestsPerSecond;
        if (rate != _perSecond?.PerSecond) _perSecond = rate is { } some ? new TokenBucket(some, _timeProvider) : null;
        int? limit = inFlight ?? _config.MaxRequestsInFlight;
        if (limit is null) _inFlight = null;
        else if (_inFlight is null) _inFlight = LimitsOf(limit.Value);
        else foreach (InFlightLimit each in _inFlight.Values) each.Limit = limit.Value;
    }

    /// <summary>Takes a request out of those of this second; false when there are none left.</summary>
    public bool TryTake() => _perSecond?.TryTake() != false;

    /// <summary>The limit of a method; null for none.</summary>
    public InFlightLimit? InFlight(string method) => _inFlight?[method];

    private Dictionary<string, InFlightLimit> LimitsOf(int limit) => _config.Methods.Distinct().ToDictionary(
        method => method, _ => new InFlightLimit(limit), StringComparer.OrdinalIgnoreCase);
}
