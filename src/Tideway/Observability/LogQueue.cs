namespace Tideway.Observability;

/// <summary>Holds lines until the one thread that writes them takes them. Bounded in lines and in bytes.</summary>
/// <remarks>Any number of threads add, one takes. Adding allocates nothing once the queue has had its length
/// before.</remarks>
/// <param name="capacity">How many lines may wait.</param>
/// <param name="waits">Whether who adds to a full queue waits for room.</param>
internal sealed class LogQueue(int capacity, bool waits)
{
    /// <summary>How many bytes of lines may wait, however few lines they are.</summary>
    public const int MaxBytes = 64 << 20;

    private readonly object _gate = new();
    private readonly Queue<LogLine> _lines = new();
    private long _bytes;
    private long _added;
    private bool _woken;
    private bool _completed;

    /// <summary>How many lines have been added.</summary>
    public long Added
    {
        get
        {
            lock (_gate) return _added;
        }
    }

    /// <summary>Adds a line; false when there is no room, or nobody takes any more.</summary>
    public bool TryAdd(LogLine line)
    {
        lock (_gate)
        {
            while (waits && !_completed && IsFull) Monitor.Wait(_gate);
            if (_completed || IsFull) return false;
            _lines.Enqueue(line);
            _bytes += line.Length;
            _added++;
            if (_lines.Count == 1) Monitor.PulseAll(_gate);
            return true;
        }
    }

    /// <summary>Waits for lines, or for <see cref="Wake"/>, and takes what is there; false at the end.</summary>
    /// <param name="batch">Gets the lines.</param>
    /// <param name="maxBytes">How many bytes are enough.</param>
    public bool Take(List<LogLine> batch, int maxBytes)
    {
        lock (_gate)
        {
            while (_lines.Count == 0 && !_woken && !_completed) Monitor.Wait(_gate);
            bool madeRoom = waits && IsFull;
            _woken = false;
            for (int taken = 0; taken < maxBytes && _lines.TryDequeue(out LogLine line); taken += line.Length)
            {
                batch.Add(line);
                _bytes -= line.Length;
            }

            if (madeRoom) Monitor.PulseAll(_gate);
            return batch.Count > 0 || !_completed;
        }
    }

    /// <summary>Ends a wait of <see cref="Take"/> without a line.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _woken = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Refuses further lines; those that wait can still be taken.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private bool IsFull => _lines.Count >= capacity || _bytes >= MaxBytes;
}
