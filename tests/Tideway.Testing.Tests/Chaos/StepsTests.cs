using Tideway.Testing.Chaos;
using Tideway.Testing.Wire;

namespace Tideway.Testing.Tests.Chaos;

/// <summary>The steps of gates, without sockets.</summary>
public sealed class StepsTests
{
    private static readonly byte[] _head = "GET / HTTP/1.1\r\n\r\n"u8.ToArray();

    [Fact]
    public async Task The_same_seed_does_the_same_and_loses_nothing()
    {
        byte[] bytes = new byte[1000];
        Random.Shared.NextBytes(bytes);
        List<byte[]> first = await RunAsync(way => way.SplitBytes(20), seed: 5, bytes);
        List<byte[]> second = await RunAsync(way => way.SplitBytes(20), seed: 5, bytes);
        List<byte[]> other = await RunAsync(way => way.SplitBytes(20), seed: 6, bytes);
        Assert.Equal(bytes, first.SelectMany(piece => piece));
        Assert.Equal(first.Select(piece => piece.Length), second.Select(piece => piece.Length));
        Assert.NotEqual(first.Select(piece => piece.Length), other.Select(piece => piece.Length));
        Assert.InRange(first.Max(piece => piece.Length), 2, 20);
    }

    [Fact]
    public async Task Corruption_turns_over_one_bit_of_a_piece_behind_those_that_are_left_alone()
    {
        byte[] bytes = new byte[100];
        for (int seed = 0; seed < 50; seed++)
        {
            byte[] wrong = Assert.Single(await RunAsync(way => way.Corrupt(after: 40), seed, bytes));
            Assert.Equal(1, wrong.Sum(each => System.Numerics.BitOperations.PopCount(each)));
            Assert.All(wrong[..40], each => Assert.Equal(0, each));
        }
    }

    [Fact]
    public async Task Truncation_passes_the_first_bytes_only() =>
        Assert.Equal(
            [1, 2, 3], (await RunAsync(way => way.Truncate(3), 0, [1, 2], [3, 4], [5])).SelectMany(piece => piece));

    [Fact]
    public async Task Frames_are_cut_where_it_is_said_and_heads_are_not()
    {
        byte[] frame = Frame.Text("hello").Encode(masks: false);
        List<byte[]> pieces = await RunAsync(way => way.CutFrames(-1), 0, [.. _head, .. frame], frame[..3], frame[3..]);
        Assert.Equal([_head.Length, 6, 1, 6, 1], pieces.Select(piece => piece.Length));
    }

    [Fact]
    public async Task Data_overtakes_pings_but_nothing_overtakes_a_close()
    {
        Frame[] frames =
        [
            Frame.Ping("1"), Frame.Text("a"), Frame.Text("b"), Frame.Pong("2"u8.ToArray()), Frame.Text("c"),
            Frame.Ping("3"), Frame.Close(1000),
        ];
        byte[] bytes = [.. _head, .. frames.SelectMany(frame => frame.Encode(masks: false))];
        var orders = new HashSet<string>();
        for (int seed = 0; seed < 30; seed++)
        {
            List<byte[]> pieces = await RunAsync(way => way.ReorderControls(), seed, bytes);
            Assert.Equal(bytes.Length, pieces.Sum(piece => piece.Length));
            string order = string.Concat(pieces.Skip(1).Select(piece =>
                (piece[0] & 0xF) == Frame.CloseOpcode ? "." : ((char)piece[2]).ToString()));
            Assert.EndsWith(".", order, StringComparison.Ordinal);
            Assert.Equal("abc", string.Concat(order.Where(char.IsLetter)));
            Assert.Equal("123", string.Concat(order.Where(char.IsDigit)));
            orders.Add(order);
        }

        Assert.InRange(orders.Count, 3, 30);
    }

    private static async Task<List<byte[]>> RunAsync(
        Action<GateDirection> say, int seed, params IReadOnlyList<byte[]> input)
    {
        var way = new GateDirection();
        say(way);
        var pieces = new List<byte[]>();
        await foreach (ReadOnlyMemory<byte> piece in way.Apply(Pieces(), new Random(seed), default))
            pieces.Add(piece.ToArray());
        return pieces;

        async IAsyncEnumerable<ReadOnlyMemory<byte>> Pieces()
        {
            foreach (byte[] piece in input)
            {
                await Task.Yield();
                yield return piece;
            }
        }
    }
}
