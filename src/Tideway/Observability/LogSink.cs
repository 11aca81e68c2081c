using System.Net.Sockets;
using System.Threading.Channels;

namespace Tideway.Observability;

/// <summary>Writes lines to one place, on a task of its own, from a bounded queue.</summary>
/// <remarks>Safe from any thread. A place that fails is reported once to stderr, and never to the callers.</remarks>
internal sealed class LogSink : IAsyncDisposable
{
    private static readonly TimeSpan _drainTime = TimeSpan.FromSeconds(5);
    private readonly string _path;
    private readonly bool _blocks;
    private readonly Channel<byte[]> _queue;
    private readonly Task _writing;
    private readonly Lock _gate = new();
    private Stream _stream;
    private long _dropped;
    private bool _failed;

    /// <summary>Opens the place.</summary>
    /// <exception cref="IOException">It cannot be written to; the message says where and why.</exception>
    public LogSink(string path, int queueSize, bool blocks)
    {
        (_path, _blocks, _stream) = (path, blocks, Open(path));
        _queue = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(queueSize) { SingleReader = true });
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>How many lines were dropped because the queue was full or the place failed.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Takes a line. When the queue is full it is dropped and counted, or the caller waits, as configured.</summary>
    /// <returns>False when it was dropped.</returns>
    public bool Write(byte[] line)
    {
        while (!_queue.Writer.TryWrite(line))
        {
            if (!_blocks || !_queue.Writer.WaitToWriteAsync().AsTask().GetAwaiter().GetResult())
            {
                Interlocked.Increment(ref _dropped);
                return false;
            }
        }

        return true;
    }

    /// <summary>Opens a file again under its path, after it was moved away. Other places stay as they are.</summary>
    public void Reopen()
    {
        if (_path[0] == '@' || _path.StartsWith("unix:", StringComparison.Ordinal)) return;
        try
        {
            Stream fresh = Open(_path);
            lock (_gate)
            {
                _stream.Dispose();
                _stream = fresh;
                _failed = false;
            }
        }
        catch (IOException exception)
        {
            Console.Error.WriteLine(exception.Message);
        }
    }

    /// <summary>Writes what is queued, for at most 5 seconds, and closes the place.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await Task.WhenAny(_writing, Task.Delay(_drainTime));

        // Without the lock: a write to a reader that reads nothing may hold it for ever.
        await _stream.DisposeAsync();
    }

    private static Stream Open(string path)
    {
        try
        {
            switch (path)
            {
                case "@stdout": return Console.OpenStandardOutput();
                case "@stderr": return Console.OpenStandardError();
                case "@null": return Stream.Null;
            }

            if (path.StartsWith("unix:", StringComparison.Ordinal))
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                socket.Connect(new UnixDomainSocketEndPoint(path[5..]));
                return new NetworkStream(socket, ownsSocket: true);
            }

            if (Path.GetDirectoryName(path) is { Length: > 0 } directory) Directory.CreateDirectory(directory);

            // Without a buffer of its own, what a full disk did not take comes back neither at a flush nor at the end.
            return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SocketException or ArgumentException)
        {
            throw new IOException($"The log '{path}' cannot be opened: {exception.Message}", exception);
        }
    }

    private async Task WriteAsync()
    {
        while (await _queue.Reader.WaitToReadAsync())
        {
            using var batch = new MemoryStream();
            int lines = 0;
            for (; batch.Length < 65536 && _queue.Reader.TryRead(out byte[]? line); lines++) batch.Write(line);
            WriteBatch(batch, lines);
        }
    }

    private void WriteBatch(MemoryStream batch, int lines)
    {
        lock (_gate)
        {
            try
            {
                batch.Position = 0;
                batch.CopyTo(_stream);
                _stream.Flush();
                _failed = false;
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                Interlocked.Add(ref _dropped, lines);
                if (!_failed) Console.Error.WriteLine($"The log '{_path}' cannot be written: {exception.Message}");
                _failed = true;
            }
        }
    }
}
