namespace Tideway.Testing.Chaos;

/// <summary>What gates do to WebSocket frames. Heads of HTTP pass as they come.</summary>
internal static class FrameSteps
{
    /// <summary>Long enough for an end that waits for bytes to see that these are not all.</summary>
    private static readonly TimeSpan _gap = TimeSpan.FromMilliseconds(2);

    private static readonly TimeSpan _quiet = TimeSpan.FromMilliseconds(20);

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Cut(
        IAsyncEnumerable<ReadOnlyMemory<byte>> input, Random random, int? at)
    {
        await foreach ((byte[] bytes, bool isFrame) in SplitAsync(input))
        {
            int cut = at is { } given ? Math.Clamp(given < 0 ? bytes.Length + given : given, 0, bytes.Length)
                : random.Next(bytes.Length + 1);
            if (!isFrame || cut == 0 || cut == bytes.Length)
            {
                yield return bytes;
                continue;
            }

            yield return bytes.AsMemory(0, cut);
            await Task.Delay(_gap);
            yield return bytes.AsMemory(cut);
        }
    }

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReorderControls(
        IAsyncEnumerable<ReadOnlyMemory<byte>> input, Random random, int most)
    {
        // What is held goes on behind so many data frames, before a close frame, or when nothing else comes.
        var held = new Queue<byte[]>();
        int overtake = 0;
        await using IAsyncEnumerator<(byte[] Bytes, bool IsFrame)> frames = SplitAsync(input).GetAsyncEnumerator();
        Task<bool> next = frames.MoveNextAsync().AsTask();
        while (true)
        {
            if (held.Count > 0 && await Task.WhenAny(next, Task.Delay(_quiet)) != next)
                while (held.TryDequeue(out byte[]? late)) yield return late;
            if (!await next) break;
            (byte[] bytes, bool isFrame) = frames.Current;
            next = frames.MoveNextAsync().AsTask();
            int opcode = isFrame ? bytes[0] & 0xF : 0;
            if (opcode is 9 or 10)
            {
                if (held.Count == 0) overtake = random.Next(most + 1);
                held.Enqueue(bytes);
                if (overtake > 0) continue;
            }

            bool isClose = opcode == 8;
            if (isClose) while (held.TryDequeue(out byte[]? before)) yield return before;
            if (opcode is not (9 or 10)) yield return bytes;
            if (isFrame && opcode < 8 && overtake > 0) overtake--;
            if (overtake == 0) while (held.TryDequeue(out byte[]? behind)) yield return behind;
        }

        while (held.TryDequeue(out byte[]? last)) yield return last;
    }

    private static async IAsyncEnumerable<(byte[] Bytes, bool IsFrame)> SplitAsync(
        IAsyncEnumerable<ReadOnlyMemory<byte>> input)
    {
        var splitter = new FrameSplitter();
        await foreach (ReadOnlyMemory<byte> piece in input)
        {
            splitter.Add(piece.Span);
            while (splitter.Next(out bool isFrame) is { } whole) yield return (whole, isFrame);
        }

        if (splitter.Rest() is { Length: > 0 } rest) yield return (rest, false);
    }
}
