using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Tideway.Observability;

/// <summary>Writes the lines of one logger to its place, on a thread of its own,
/// so that a starved pool still logs.</summary>
/// <remarks>Safe from any thread. A place that fails is reported once, and never to those who log.</remarks>
internal sealed class LogSink : IAsyncDisposable
{
    private const int BatchBytes = 65536;
    private static readonly TimeSpan _drainTime = TimeSpan.FromSeconds(5);
    private readonly string _path;
    private readonly Func<Stream> _open;
    private readonly LogFormat _format;
    private readonly TimeProvider _timeProvider;
    private readonly TextWriter _complaints;
    private readonly LogQueue _queue;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<(long Count, TaskCompletionSource Done)> _flushes = new();

    /// <summary>The place. Only the writing thread touches it.</summary>
    private Stream _stream;
    private long _dropped;
    private bool _reopens;

    /// <summary>Opens the place.</summary>
    /// <param name="config">The logger.</param>
    /// <param name="timeProvider">The clock of the sink's own records.</param>
    /// <param name="complaints">Where a failing place is reported.</param>
    /// <param name="open">Opens the place; null for that of the config.</param>
    /// <exception cref="IOException">It cannot be written to; the message says where and why.</exception>
    public LogSink(
        LoggerConfig config, TimeProvider timeProvider, TextWriter complaints, Func<Stream>? open = null)
    {
        (_path, _format, _timeProvider, _complaints) = (config.FilePath, config.Format, timeProvider, complaints);
        _open = open ?? (() => LogPlace.Open(_path));
        _stream = _open();
        _queue = new LogQueue(config.MessageQueueSize, config.OverflowBehavior == OverflowBehavior.Block);
        new Thread(Run) { IsBackground = true, Name = "log " + _path }.Start();
    }

    /// <summary>How many lines were dropped because the queue was full or the place failed.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Takes a line and its buffer. When the queue is full it is dropped and counted,
    /// or the caller waits.</summary>
    public void Write(LogLine line)
    {
        if (_queue.TryAdd(line)) return;
        Interlocked.Increment(ref _dropped);
        line.Return();
    }

    /// <summary>Has the place opened again under its path before the next line, after it was moved away.</summary>
    public void Reopen()
    {
        Volatile.Write(ref _reopens, true);
        _queue.Wake();
    }

    /// <summary>Waits until what is queued has been written, or given up.</summary>
    public Task FlushAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_flushes) _flushes.Enqueue((_queue.Added, done));
        _queue.Wake();
        return Task.WhenAny(done.Task, _ended.Task);
    }

    /// <summary>Writes what is queued, for at most 5 seconds, and closes the place.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Complete();

        // A place that takes longer keeps its thread; both end with the process.
        await Task.WhenAny(_ended.Task, Task.Delay(_drainTime, CancellationToken.None));
    }

    private void Run()
    {
        var lines = new List<LogLine>();
        using var batch = new MemoryStream();
        long told = 0, taken = 0;
        bool failing = false;
        while (_queue.Take(lines, BatchBytes))
        {
            long dropped = Dropped;
            if (dropped > told) WriteDropped(batch, dropped - told);
            foreach (LogLine line in lines)
            {
                batch.Write(line.Bytes);
                line.Return();
            }

            if (Interlocked.Exchange(ref _reopens, false)) ReopenPlace();
            try
            {
                WriteBatch(batch);
                (told, failing) = (dropped, false);
            }
            catch (Exception exception)
            {
                Interlocked.Add(ref _dropped, lines.Count);
                if (!failing) _complaints.WriteLine($"The log '{_path}' cannot be written: {exception.Message}");
                failing = true;
            }

            EndFlushes(taken += lines.Count);
            lines.Clear();
            batch.SetLength(0);
        }

        _stream.Dispose();
        _ended.SetResult();
    }

    private void EndFlushes(long taken)
    {
        lock (_flushes)
        {
            while (_flushes.TryPeek(out var flush) && flush.Count <= taken) _flushes.Dequeue().Done.SetResult();
        }
    }

    private void WriteBatch(MemoryStream batch)
    {
        // A file may have been truncated, or written by somebody else, since the last batch.
        if (_stream.CanSeek) _stream.Seek(0, SeekOrigin.End);
        _stream.Write(batch.GetBuffer(), 0, (int)batch.Length);
        _stream.Flush();
    }

    private void ReopenPlace()
    {
        if (LogPlace.IsStandard(_path)) return;
        try
        {
            Stream fresh = _open();
            _stream.Dispose();
            _stream = fresh;
        }
        catch (IOException exception)
        {
            // What is open still takes lines, under whatever name it has now.
            _complaints.WriteLine(exception.Message);
        }
    }

    private void WriteDropped(MemoryStream batch, long count)
    {
        LogLineWriter record = LogLineWriter.Start(_format);
        record.AddHead(_timeProvider.GetLocalNow(), LogLevel.Warning);
        record.Add("module"u8, "logging");
        record.Add("text"u8, string.Create(CultureInfo.InvariantCulture, $"{count} records of this log were dropped"));
        LogLine line = record.Finish();
        batch.Write(line.Bytes);
        line.Return();
    }
}
