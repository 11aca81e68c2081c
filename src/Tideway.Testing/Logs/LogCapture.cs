using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Tideway.Testing.Control;

namespace Tideway.Testing.Logs;

/// <summary>The log of the service, of the current test.</summary>
/// <remarks>The service sends its records as it writes them. Safe from any thread.</remarks>
public sealed class LogCapture : IAsyncDisposable
{
    private const int MostRows = 100_000;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);
    private readonly TestsControl _control;
    private readonly Action _touch;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private readonly Queue<LogRow> _rows = new();
    private readonly SemaphoreSlim _cutting = new(1);
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _reading;
    private long _forgotten;

    internal LogCapture(TestsControl control, Action touch)
    {
        (_control, _touch) = (control, touch);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    /// <summary>The records of this test so far; the last 100,000 of them. A copy.</summary>
    public IReadOnlyList<LogRow> Rows
    {
        get
        {
            lock (_lock) return [.. _rows];
        }
    }

    /// <summary>Where the service sends its records.</summary>
    internal int Port { get; }

    /// <summary>Waits for a record of this test that has these values.</summary>
    /// <param name="values">The values by their keys, all of which it has to have: <c>("text", "Started")</c>,
    /// say.</param>
    /// <returns>The first such record, which may have been written before.</returns>
    /// <exception cref="TimeoutException">There was none within a minute.</exception>
    public Task<LogRow> WaitAsync(params (string Key, string Value)[] values) => WaitAsync(row => row.Has(values));

    /// <summary>Waits for a record of this test.</summary>
    /// <param name="isIt">Tells whether it is the one.</param>
    /// <returns>The first such record, which may have been written before.</returns>
    /// <exception cref="TimeoutException">There was none within a minute.</exception>
    public async Task<LogRow> WaitAsync(Func<LogRow, bool> isIt)
    {
        ArgumentNullException.ThrowIfNull(isIt);
        _touch();
        using var timeout = new CancellationTokenSource(_patience);
        while (true)
        {
            Task news;
            LogRow? found;
            lock (_lock) (found, news) = (_rows.FirstOrDefault(isIt), _news.Task);
            if (found is not null) return found;
            if (await Task.WhenAny(news, Task.Delay(Timeout.Infinite, timeout.Token)) != news)
            {
                throw new TimeoutException(
                    "The service has not logged the record within a minute; it has logged:\n"
                    + string.Join('\n', Rows));
            }
        }
    }

    /// <summary>Collects what the service logs while something happens: all of it, and nothing else.</summary>
    /// <param name="block">What happens.</param>
    /// <returns>The records.</returns>
    public async Task<IReadOnlyList<LogRow>> CaptureAsync(Func<Task> block)
    {
        ArgumentNullException.ThrowIfNull(block);
        _touch();
        await CutAsync();
        long before;
        lock (_lock) before = _forgotten + _rows.Count;
        await block();
        await CutAsync();
        lock (_lock) return [.. _rows.Skip((int)Math.Max(0, before - _forgotten))];
    }

    /// <summary>Stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        if (_reading is not null) await _reading;
        _cutting.Dispose();
    }

    /// <summary>Has the service send its records.</summary>
    internal async Task OpenAsync()
    {
        await _control.CallAsync(
            "log_capture", new JsonObject { ["log_level"] = "debug", ["socket_logging_duplication"] = true });
        TcpClient service = await _listener.AcceptTcpClientAsync().WaitAsync(_patience);
        _reading = ReadAsync(service);
    }

    /// <summary>Takes everything that has come up to now, and begins anew.</summary>
    internal IReadOnlyList<LogRow> Take()
    {
        lock (_lock)
        {
            LogRow[] rows = [.. _rows];
            _rows.Clear();
            return rows;
        }
    }

    /// <summary>Waits until everything is here that was logged up to now: the service ends the connection behind
    /// it.</summary>
    internal async Task CutAsync()
    {
        await _cutting.WaitAsync();
        try
        {
            if (_reading is null) return;
            await _control.CallAsync("log_capture", new JsonObject { ["socket_logging_duplication"] = false });
            await _reading.WaitAsync(_patience);
            await OpenAsync();
        }
        finally
        {
            _cutting.Release();
        }
    }

    private async Task ReadAsync(TcpClient service)
    {
        using TcpClient client = service;
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        try
        {
            while (await reader.ReadLineAsync() is { } line) Add(LogRow.Parse(line));
        }
        catch (IOException)
        {
            // The service is gone.
        }
    }

    private void Add(LogRow row)
    {
        TaskCompletionSource news;
        lock (_lock)
        {
            if (_rows.Count == MostRows)
            {
                _rows.Dequeue();
                _forgotten++;
            }

            _rows.Enqueue(row);
            news = _news;
            _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        news.TrySetResult();
    }
}
