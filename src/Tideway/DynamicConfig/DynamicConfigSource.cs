using Microsoft.Extensions.Logging;

namespace Tideway.DynamicConfig;

/// <summary>The current values of the dynamic config, and news of their changes.</summary>
/// <remarks>Safe for any thread. Reading takes no lock and allocates nothing. A new source has the defaults of the
/// code; a unit test needs no more than <c>new DynamicConfigSource()</c>.</remarks>
public sealed partial class DynamicConfigSource
{
    private readonly Lock _lock = new();
    private readonly ILogger? _logger;
    private volatile DynamicConfigSnapshot _current = DynamicConfigSnapshot.Defaults;
    private volatile DynamicConfigSubscription[] _subscriptions = [];
    private long _failedCallbacks;

    /// <summary>Makes a source that has the defaults of the code.</summary>
    public DynamicConfigSource()
    {
    }

    internal DynamicConfigSource(ILogger logger) => _logger = logger;

    /// <summary>The values of this moment, which belong together.</summary>
    public DynamicConfigSnapshot Current => _current;

    /// <summary>How many calls of subscribers failed.</summary>
    internal long FailedCallbacks => Interlocked.Read(ref _failedCallbacks);

    /// <summary>Reads the current value of a variable.</summary>
    /// <typeparam name="T">The type of its values.</typeparam>
    /// <param name="key">The variable.</param>
    /// <returns>Its value; the default when nobody gave another.</returns>
    public T Get<T>(DynamicConfigKey<T> key)
        where T : notnull => _current.Get(key);

    /// <summary>Calls back at once, and after every change.</summary>
    /// <remarks>
    /// Changes are told one after the other, on the thread that brings them, which waits for the callback: be quick.
    /// What a callback throws is logged and changes nothing, except from the first call, which is the subscriber's own.
    /// Several changes may come as one.
    /// </remarks>
    /// <param name="callback">Takes the snapshot it was told last, null at first, and the new one.</param>
    /// <param name="keys">The variables whose changes are told; all, if there are none.</param>
    /// <returns>Ends the subscription when it is disposed: once that returns, no call is running or will come, except
    /// one that disposes it itself.</returns>
    public IDisposable Subscribe(
        Action<DynamicConfigSnapshot?, DynamicConfigSnapshot> callback, params IReadOnlyList<DynamicConfigKey> keys)
    {
        ArgumentNullException.ThrowIfNull(callback);
        ArgumentNullException.ThrowIfNull(keys);
        return Begin(new DynamicConfigSubscription(this, callback, callback.Method, [.. keys]));
    }

    /// <summary>Calls back with the value of one variable, at once and after every change of it.</summary>
    /// <remarks>As the other form does.</remarks>
    /// <typeparam name="T">The type of its values.</typeparam>
    /// <param name="key">The variable.</param>
    /// <param name="callback">Takes the value.</param>
    /// <returns>Ends the subscription when it is disposed.</returns>
    public IDisposable Subscribe<T>(DynamicConfigKey<T> key, Action<T> callback)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(callback);
        return Begin(new DynamicConfigSubscription(
            this, (_, current) => callback(current.Get(key)), callback.Method, [key]));
    }

    /// <summary>Makes a snapshot the current one, and tells all subscribers. Called by one thread at a time.</summary>
    internal void Publish(DynamicConfigSnapshot snapshot)
    {
        _current = snapshot;
        foreach (DynamicConfigSubscription subscription in _subscriptions)
        {
            try
            {
                subscription.Tell(snapshot);
            }
            catch (Exception exception)
            {
                Interlocked.Increment(ref _failedCallbacks);
                if (_logger is not null) SubscriberFailed(_logger, subscription.Name, exception);
            }
        }
    }

    internal void Add(DynamicConfigSubscription subscription)
    {
        lock (_lock) _subscriptions = [.. _subscriptions, subscription];
    }

    internal void Remove(DynamicConfigSubscription subscription)
    {
        lock (_lock) _subscriptions = [.. _subscriptions.Where(other => other != subscription)];
    }

    private static DynamicConfigSubscription Begin(DynamicConfigSubscription subscription)
    {
        subscription.Begin();
        return subscription;
    }

    [LoggerMessage(400, LogLevel.Error, "A subscriber of the dynamic config failed: {Subscriber}")]
    private static partial void SubscriberFailed(ILogger logger, string subscriber, Exception exception);
}
