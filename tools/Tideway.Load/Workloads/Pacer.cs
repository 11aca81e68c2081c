using System.Diagnostics;

namespace Tideway.Load.Workloads;

/// <summary>Sends at a fixed rate, on a thread of its own, one message to each client in turn.</summary>
/// <remarks>
/// The time of every message is fixed beforehand. Latency counts from there, and not from when the message could be
/// sent: so a server that stalls is charged for all that it kept waiting (coordinated omission).
/// </remarks>
internal sealed class Pacer
{
    private readonly EchoClient[] _clients;
    private readonly double _interval;
    private readonly Thread _thread;
    private long _start;
    private volatile bool _stopping;

    public Pacer(EchoClient[] clients, double rate)
    {
        _clients = clients;
        _interval = Stopwatch.Frequency / rate;
        _thread = new Thread(Run) { IsBackground = true, Name = "load-pacer" };
        for (int i = 0; i < clients.Length; i++) clients[i].Join(this, i);
    }

    /// <summary>The time when a client's message is due, as a timestamp.</summary>
    /// <param name="place">The client's place, from 0.</param>
    /// <param name="number">The message's number on its connection, from 0.</param>
    public long TimeOf(int place, long number) => _start + (long)((number * _clients.Length + place) * _interval);

    public void Start()
    {
        _start = Stopwatch.GetTimestamp();
        _thread.Start();
    }

    /// <summary>Ends the sending, and waits for its end.</summary>
    public void Stop()
    {
        _stopping = true;
        if (_thread.IsAlive) _thread.Join();
    }

    private void Run()
    {
        ExactSleep.Prepare();
        int place = 0;
        long number = 0;
        while (!_stopping)
        {
            long left = TimeOf(place, number) - Stopwatch.GetTimestamp();
            if (left > 0)
            {
                ExactSleep.For(Math.Min(left, Stopwatch.Frequency / 10));
                continue;
            }

            _clients[place].SendDue();
            if (++place < _clients.Length) continue;
            place = 0;
            number++;
        }
    }
}
