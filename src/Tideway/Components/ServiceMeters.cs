using System.Diagnostics.Metrics;

namespace Tideway.Components;

/// <summary>Makes the meters of one service: each has this factory as its scope, by which they are told apart from
/// those of other services in the process.</summary>
/// <remarks>Safe from any thread.</remarks>
internal sealed class ServiceMeters : IMeterFactory
{
    private readonly Dictionary<(string Name, string? Version), Meter> _meters = [];

    public Meter Create(MeterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        lock (_meters)
        {
            if (_meters.TryGetValue((options.Name, options.Version), out Meter? meter)) return meter;
            var own = new MeterOptions(options.Name) { Version = options.Version, Tags = options.Tags, Scope = this };
            return _meters[(options.Name, options.Version)] = new SharedMeter(own);
        }
    }

    /// <summary>Ends all meters, with the service.</summary>
    public void End()
    {
        lock (_meters)
        {
            foreach (Meter meter in _meters.Values) ((SharedMeter)meter).End();
            _meters.Clear();
        }
    }

    // Whoever was given the factory may dispose of it, as containers do; the meters are the service's.
    void IDisposable.Dispose()
    {
    }

    /// <summary>A meter that several may have asked for: none of them ends it for the others.</summary>
    private sealed class SharedMeter(MeterOptions options) : Meter(options)
    {
        private bool _mayEnd;

        public void End()
        {
            _mayEnd = true;
            Dispose();
        }

        protected override void Dispose(bool disposing)
        {
            if (_mayEnd) base.Dispose(disposing);
        }
    }
}
