namespace Tideway.WebSockets.Compression;

/// <summary>Keeps what is idle for the next who needs one: as many as there are processors, and no more. Safe from any
/// thread.</summary>
internal sealed class IdlePool<T>(Func<T> make)
    where T : IDisposable
{
    private readonly Stack<T> _idle = new(Environment.ProcessorCount);

    /// <summary>Takes one that is idle, or makes one.</summary>
    public T Take()
    {
        lock (_idle)
            if (_idle.TryPop(out T? idle)) return idle;
        return make();
    }

    /// <summary>Gives one back, which is disposed when enough are idle.</summary>
    public void Return(T item)
    {
        lock (_idle)
        {
            if (_idle.Count < Environment.ProcessorCount)
            {
                _idle.Push(item);
                return;
            }
        }

        item.Dispose();
    }
}
