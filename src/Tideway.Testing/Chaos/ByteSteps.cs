using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Tideway.Testing.Chaos;

/// <summary>What gates do to bytes, whatever they mean.</summary>
internal static class ByteSteps
{
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Split(
        IAsyncEnumerable<ReadOnlyMemory<byte>> input, Random random, int most)
    {
        await foreach (ReadOnlyMemory<byte> piece in input)
        {
            int size;
            for (int start = 0; start < piece.Length; start += size)
            {
                size = Math.Min(random.Next(1, most + 1), piece.Length - start);
                yield return piece.Slice(start, size);
            }
        }
    }

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Delay(
        IAsyncEnumerable<ReadOnlyMemory<byte>> input,
        Random random,
        TimeSpan most,
        [EnumeratorCancellation] CancellationToken end)
    {
        await foreach (ReadOnlyMemory<byte> piece in input)
        {
            await Task.Delay(most * random.NextDouble(), end);
            yield return piece;
        }
    }

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Coalesce(
        IAsyncEnumerable<ReadOnlyMemory<byte>> input, TimeSpan quiet)
    {
        // Another piece may come while this waits for quiet, so another task reads.
        var pieces = Channel.CreateBounded<ReadOnlyMemory<byte>>(64);
        Task reading = CopyAsync(input, pieces.Writer);
        var gathered = new List<byte>();
        while (await pieces.Reader.WaitToReadAsync())
        {
            Task<bool> more;
            do
            {
                while (pieces.Reader.TryRead(out ReadOnlyMemory<byte> piece)) gathered.AddRange(piece.Span);
                more = pieces.Reader.WaitToReadAsync().AsTask();
            }
            while (await Task.WhenAny(more, Task.Delay(quiet)) == more && await more);

            yield return gathered.ToArray();
            gathered.Clear();
        }

        await reading;
    }

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Corrupt(
        IAsyncEnumerable<ReadOnlyMemory<byte>> input, Random random, double share, int after)
    {
        long passed = 0;
        await foreach (ReadOnlyMemory<byte> piece in input)
        {
            int from = (int)Math.Clamp(after - passed, 0, piece.Length);
            passed += piece.Length;
            if (from == piece.Length || random.NextDouble() >= share)
            {
                yield return piece;
                continue;
            }

            byte[] wrong = piece.ToArray();
            wrong[random.Next(from, wrong.Length)] ^= (byte)(1 << random.Next(8));
            yield return wrong;
        }
    }

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Truncate(
        IAsyncEnumerable<ReadOnlyMemory<byte>> input, int bytes)
    {
        int left = bytes;
        await foreach (ReadOnlyMemory<byte> piece in input)
        {
            int passes = Math.Min(left, piece.Length);
            left -= passes;
            if (passes > 0) yield return piece[..passes];
        }
    }

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> StopAfter(
        IAsyncEnumerable<ReadOnlyMemory<byte>> input, int bytes, [EnumeratorCancellation] CancellationToken end)
    {
        int left = bytes;
        await foreach (ReadOnlyMemory<byte> piece in input)
        {
            int passes = Math.Min(left, piece.Length);
            left -= passes;
            if (passes > 0) yield return piece[..passes];
            if (left == 0) await Task.Delay(Timeout.Infinite, end);
        }
    }

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> EndAfter(
        IAsyncEnumerable<ReadOnlyMemory<byte>> input, int bytes, bool isReset)
    {
        int left = bytes;
        await foreach (ReadOnlyMemory<byte> piece in input)
        {
            int passes = Math.Min(left, piece.Length);
            left -= passes;
            if (passes > 0) yield return piece[..passes];
            if (left == 0) throw new GateEndException(isReset);
        }
    }

    private static async Task CopyAsync(
        IAsyncEnumerable<ReadOnlyMemory<byte>> input, ChannelWriter<ReadOnlyMemory<byte>> output)
    {
        try
        {
            await foreach (ReadOnlyMemory<byte> piece in input) await output.WriteAsync(piece.ToArray());
            output.Complete();
        }
        catch (Exception exception)
        {
            output.Complete(exception);
        }
    }
}
