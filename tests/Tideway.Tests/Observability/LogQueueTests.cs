using Tideway.Observability;

namespace Tideway.Tests.Observability;

public sealed class LogQueueTests
{
    [Fact]
    public void A_queue_is_full_when_its_lines_are_or_their_bytes()
    {
        var megabyte = new LogLine(new byte[1 << 20], 1 << 20);
        var queue = new LogQueue(100, waits: false);
        for (int i = 0; i < LogQueue.MaxBytes >> 20; i++) Assert.True(queue.TryAdd(megabyte));
        Assert.False(queue.TryAdd(megabyte));

        var batch = new List<LogLine>();
        Assert.True(queue.Take(batch, 3 << 20));
        Assert.Equal(3, batch.Count);

        var line = new LogLine(new byte[1], 1);
        var small = new LogQueue(2, waits: false);
        Assert.True(small.TryAdd(line) && small.TryAdd(line));
        Assert.False(small.TryAdd(line));
    }

    [Fact]
    public async Task A_wait_for_room_ends_with_the_queue()
    {
        var line = new LogLine(new byte[1], 1);
        var queue = new LogQueue(1, waits: true);
        Assert.True(queue.TryAdd(line));
        var waiting = Task.Run(() => queue.TryAdd(line));
        queue.Complete();
        Assert.False(await waiting.WaitAsync(TimeSpan.FromSeconds(30)));

        var batch = new List<LogLine>();
        Assert.True(queue.Take(batch, 100));
        Assert.Single(batch);
        batch.Clear();
        Assert.False(queue.Take(batch, 100));
    }
}
