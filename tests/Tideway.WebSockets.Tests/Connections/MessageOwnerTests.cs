using System.Buffers;
using System.Runtime.InteropServices;
using Tideway.WebSockets.Connections;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>The bytes behind a message, read by other threads at every moment of their way.</summary>
public sealed class MessageOwnerTests
{
    private const byte Foreign = 255;
    private const int Length = 100;
    private static readonly TimeSpan _time = TimeSpan.FromSeconds(1);

    private readonly ThreadChannel _channel = new();
    private readonly MessageOwner _owner;
    private string? _wrong;
    private bool _ended;

    public MessageOwnerTests() => _owner = new MessageOwner(_channel);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nobody_ever_reads_bytes_of_anything_else(bool assembled)
    {
        ReadOnlyMemory<byte>[] latest = [default];
        Action<ReadOnlyMemory<byte>>[] reads = [ReadSpan, ReadArray];
        Thread[] readers = [.. reads.Select(read => new Thread(() =>
        {
            while (!Volatile.Read(ref _ended))
            {
                try
                {
                    read(latest[0]);
                }
                catch (ArgumentOutOfRangeException)
                {
                    // It is released, and empty.
                }
                catch (Exception exception)
                {
                    _wrong = exception.ToString();
                }
            }
        }))];
        var context = new Thread(() => PassMessages(latest, assembled));
        foreach (Thread thread in (Thread[])[.. readers, context]) thread.Start();
        foreach (Thread thread in (Thread[])[.. readers, context]) thread.Join();
        Assert.True(_wrong is null, _wrong);
    }

    /// <summary>Does what a channel does with message after message; all bytes around and after are foreign.</summary>
    private void PassMessages(ReadOnlyMemory<byte>[] latest, bool assembled)
    {
        _channel.RunHere();
        byte[] shared = new byte[1000];
        DateTime end = DateTime.UtcNow + _time;
        for (int i = 0; _wrong is null && (i % 100 != 0 || DateTime.UtcNow < end); i++)
        {
            byte value = (byte)(i % Foreign);
            int start = 500;
            shared.AsSpan().Fill(Foreign);
            ReadOnlyMemory<byte> message;
            if (assembled)
            {
                byte[] own = ArrayPool<byte>.Shared.Rent(Length);
                own.AsSpan().Fill(Foreign);
                own.AsSpan(0, Length).Fill(value);
                message = _owner.PointToOwn(own, Length);
            }
            else
            {
                shared.AsSpan(start, Length).Fill(value);
                message = _owner.PointToShared(shared, start, Length);
            }

            latest[0] = message;
            for (int turn = i % 7; turn >= 0; turn--)
            {
                if (message.Span.IndexOfAnyExcept(value) is >= 0 and int at) _wrong = $"its own thread read {at} wrong";
                if (turn == 3) _owner.Rescue();
            }

            _owner.Release();

            // What was pooled is somebody else's now.
            byte[] reused = ArrayPool<byte>.Shared.Rent(Length);
            reused.AsSpan().Fill(Foreign);
            ArrayPool<byte>.Shared.Return(reused);
        }

        Volatile.Write(ref _ended, true);
    }

    private void ReadSpan(ReadOnlyMemory<byte> memory)
    {
        ReadOnlySpan<byte> span = memory.Span;
        Check(span);
        Thread.SpinWait(20);
        Check(span);
    }

    private void ReadArray(ReadOnlyMemory<byte> memory)
    {
        if (!MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> array)) return; // Released.
        Check(array);
        Thread.SpinWait(200);
        Check(array);
    }

    private void Check(ReadOnlySpan<byte> span)
    {
        if (span.IsEmpty) return;
        if (span[0] == Foreign || span.IndexOfAnyExcept(span[0]) >= 0)
            _wrong = $"another thread read {Convert.ToHexString(span)}";
    }

    /// <summary>A channel that is nothing but its thread.</summary>
    private sealed class ThreadChannel : Channel
    {
        public override SynchronizationContext Context { get; } = new();

        public override long Now => 0;

        public override Task Completion => Task.CompletedTask;

        public void RunHere() => RunsOn(Environment.CurrentManagedThreadId);

        public override void Start(WebSocketConnection connection)
        {
        }

        public override void SetTimer(TimeSpan delay)
        {
        }

        public override void ResumeReading()
        {
        }

        public override void StartWriting()
        {
        }

        public override void Flush()
        {
        }

        public override void ShutdownSend()
        {
        }

        public override void Close()
        {
        }

        public override void Abort()
        {
        }
    }
}
