using Tideway.WebSockets.Compression;
using Tideway.WebSockets.Framing;

namespace Tideway.Fuzz.Targets;

/// <summary>The stream of one peer's frames. The first byte picks the largest message, the second the cuts.</summary>
internal static class MessageTarget
{
    /// <summary>The most that waits for more bytes: a control frame with the longest header.</summary>
    private const int MostWaiting = FrameHeader.MaxLength + FrameHeader.MaxControlPayload;

    private const int SmallestAssembly = 4096;
    private static readonly int[] _limits = [0, 1, 125, 126, 1000, 65535, 65536, int.MaxValue];

    public static void RunServer(ReadOnlySpan<byte> input) => Run(input, WebSocketRole.Server);

    public static void RunClient(ReadOnlySpan<byte> input) => Run(input, WebSocketRole.Client);

    /// <summary>Reads what a server sends, compressed or not, at once or in pieces.</summary>
    public static List<string> ReadCompressed(byte[] wire, bool keepsContext, int maxPayload, Random? cuts)
    {
        using var inflater = new MessageInflater(keepsContext);
        return cuts is null
            ? ReadAll(WebSocketRole.Client, maxPayload, wire, () => wire.Length, () => true, inflater)
            : ReadAll(WebSocketRole.Client, maxPayload, wire, () => cuts.Next(1, 30), () => cuts.Next(3) > 0, inflater);
    }

    private static void Run(ReadOnlySpan<byte> input, WebSocketRole role)
    {
        if (input.Length < 2) return;
        int maxPayload = _limits[input[0] % _limits.Length];
        var cuts = new Random(input[1]);
        byte[] wire = input[2..].ToArray();
        List<string> expected = ReferenceReader.Read(wire, role == WebSocketRole.Server, maxPayload);

        long allocated = GC.GetAllocatedBytesForCurrentThread();
        List<string> whole = ReadAll(role, maxPayload, [.. wire], () => wire.Length, () => true);
        List<string> cut = ReadAll(
            role, maxPayload, [.. wire], () => cuts.Next(1, 1 + cuts.Next(1, 60)), () => cuts.Next(3) > 0);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

        FuzzException.UnlessSame(expected, whole, "read at once");
        FuzzException.UnlessSame(expected, cut, "read in pieces");

        // Most of it is what we say about each frame. A length that was declared must not show.
        FuzzException.Unless(
            allocated < 100_000 + (200L * wire.Length), $"{wire.Length} bytes had {allocated} allocated");
    }

    /// <summary>Feeds a reader as a connection does: what it leaves comes again, with the next piece behind
    /// it.</summary>
    private static List<string> ReadAll(
        WebSocketRole role,
        int maxPayload,
        byte[] wire,
        Func<int> nextPiece,
        Func<bool> dataWanted,
        MessageInflater? inflater = null)
    {
        var found = new List<string>();
        var reader = new MessageReader(role, maxPayload);
        int start = 0;
        for (int end = 0; end < wire.Length;)
        {
            end = Math.Min(wire.Length, end + nextPiece());
            for (bool wanted = dataWanted(); ;)
            {
                Span<byte> input = wire.AsSpan(start, end - start);
                ReadOutcome outcome = reader.Read(input, wanted, out int consumed, inflater);
                FuzzException.Unless(consumed >= 0 && consumed <= input.Length, $"{consumed} bytes of {input.Length}");
                start += consumed;
                if (outcome == ReadOutcome.Violation)
                {
                    reader.Dispose();
                    return [.. found, $"violation {(int)reader.Violation!.Code}"];
                }

                if (outcome == ReadOutcome.NeedMore)
                {
                    FuzzException.Unless(end - start <= MostWaiting, $"{end - start} bytes wait for more");
                    break;
                }

                if (outcome == ReadOutcome.DataWaiting) FuzzException.Unless(!wanted, "data was wanted, and waits");
                else found.Add(Describe(ref reader, input, end, isCompressed: inflater is not null));
                wanted = outcome == ReadOutcome.DataWaiting || dataWanted();
            }
        }

        reader.Dispose();
        return found;
    }

    private static string Describe(ref MessageReader reader, Span<byte> input, int received, bool isCompressed)
    {
        if (reader.Assembly is not { } assembly)
        {
            return ReferenceReader.Describe(
                (int)reader.Opcode, input.Slice(reader.PayloadStart, reader.PayloadLength));
        }

        // What came doubles it at most, and the pool rounds up.
        FuzzException.Unless(
            isCompressed || assembly.Length <= 4 * Math.Max(received, SmallestAssembly),
            $"{received} bytes were assembled in {assembly.Length}");
        return ReferenceReader.Describe(
            (int)reader.Opcode, assembly.AsSpan(reader.PayloadStart, reader.PayloadLength));
    }
}
