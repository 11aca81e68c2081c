using System.Reflection;

namespace Tideway.DynamicConfig;

/// <summary>One subscriber: what it wants to know of, and what it has been told.</summary>
internal sealed class DynamicConfigSubscription(
    DynamicConfigSource source,
    Action<DynamicConfigSnapshot?, DynamicConfigSnapshot> callback,
    MethodInfo subscriber,
    IReadOnlyList<DynamicConfigKey> keys) : IDisposable
{
    /// <summary>Is held during a call: calls come one by one, and who disposes waits for the one that runs.</summary>
    private readonly Lock _calling = new();

    private DynamicConfigSnapshot? _told;
    private bool _isOver;

    /// <summary>Who it is, for logs.</summary>
    public string Name => $"{subscriber.DeclaringType}.{subscriber.Name}";

    /// <summary>Makes the first call, and listens from then on.</summary>
    public void Begin()
    {
        lock (_calling)
        {
            // Listens first: a snapshot that comes meanwhile waits for the lock.
            source.Add(this);
            try
            {
                _told = source.Current;
                callback(null, _told);
            }
            catch
            {
                Dispose();
                throw;
            }
        }
    }

    /// <summary>Calls if the snapshot is news.</summary>
    public void Tell(DynamicConfigSnapshot snapshot)
    {
        lock (_calling)
        {
            if (_isOver || _told is not { } told || snapshot.Version <= told.Version) return;
            _told = snapshot;
            if (keys.Count == 0 || keys.Any(key => !snapshot.IsSame(told, key))) callback(told, snapshot);
        }
    }

    public void Dispose()
    {
        lock (_calling) _isOver = true;
        source.Remove(this);
    }
}
