using System.Diagnostics;
using Tideway.WebSockets.Connections;

namespace Tideway.Load.Workloads;

/// <summary>One connection that sends messages and expects each of them back, in order.</summary>
/// <remarks>It lives on the loop of its lane, also when its connection does not. Only at a fixed rate, the pacer's
/// thread sends.</remarks>
internal sealed class EchoClient(Lane lane, WebSocketConnection connection, EchoScript script)
{
    private readonly byte[] _first = script.FirstOf(connection);
    private readonly long[] _sentAt = new long[script.Depth];
    private Pacer? _pacer;
    private int _place;
    private int _head;
    private int _tail;
    private long _due;
    private long _sent;
    private long _received;
    private Task? _running;
    private bool _isClosing;

    /// <summary>How many messages are to come back yet; 0 when the connection is lost, an error of its own.</summary>
    public long Outstanding =>
        IsOpen ? Math.Max(Volatile.Read(ref _sent), Volatile.Read(ref _due)) - Volatile.Read(ref _received) : 0;

    public bool IsOpen => connection.CloseReason is null;

    /// <summary>Puts the client under a pacer, which sends for it.</summary>
    public void Join(Pacer pacer, int place) => (_pacer, _place) = (pacer, place);

    /// <summary>Begins, on the loop.</summary>
    public void Start() => _running = RunAsync();

    /// <summary>Sends what is due: one more than before. What there is no room for is sent with the next.</summary>
    public void SendDue()
    {
        _due++;
        while (_sent < _due && TrySend() is SendStatus.Sent or SendStatus.Queued)
        {
        }
    }

    /// <summary>Closes the connection; one that owes an answer is cut: it may owe that of the close, too.</summary>
    public async Task CloseAsync()
    {
        _isClosing = true;
        if (Outstanding > 0) connection.Abort();
        else await connection.CloseAsync();
        if (_running is not null) await _running;
    }

    private async Task RunAsync()
    {
        try
        {
            if (_pacer is null) Refill(script.Depth, Stopwatch.GetTimestamp());
            while (true)
            {
                Message message = await connection.ReceiveAsync();
                long now = Stopwatch.GetTimestamp();
                int answers = 0;
                do
                {
                    if (message.IsClose)
                    {
                        if (!_isClosing) lane.Errors.Add($"a connection was closed: {message.CloseReason}");
                        return;
                    }

                    Take(message, now);
                    answers++;
                }
                while (script.IsOnLoops && connection.TryReceive(out message));

                if (_pacer is null && !lane.IsStopping) Refill(answers, now);
            }
        }
        catch (ConnectionClosedException exception)
        {
            if (!_isClosing) lane.Errors.Add(exception.Message);
        }
    }

    private void Take(in Message message, long now)
    {
        int length = message.Data.Length;
        if (length != script.Length || message.Kind != script.Kind)
            lane.Errors.Add($"{message.Kind}, {length} bytes came back, not {script.Kind}, {script.Length} bytes");
        else if (_received == 0 && !message.Data.Span.SequenceEqual(_first))
            lane.Errors.Add("the first message of a connection came back with other bytes");

        long sentAt = _pacer is null ? _sentAt[_head] : _pacer.TimeOf(_place, _received);
        if (++_head == _sentAt.Length) _head = 0;
        _received++;
        lane.Record(now - sentAt);
    }

    private void Refill(int count, long now)
    {
        for (int i = 0; i < count; i++)
        {
            if (TrySend() is SendStatus.Dropped or SendStatus.Closed) return;
            _sentAt[_tail] = now;
            if (++_tail == _sentAt.Length) _tail = 0;
        }
    }

    private SendStatus TrySend()
    {
        SendStatus status = connection.TrySend(_sent == 0 ? new Message(script.Kind, _first) : script.MessageAt(_sent));
        if (status is SendStatus.Sent or SendStatus.Queued) _sent++;
        return status;
    }
}
