using System.Text;
using CsCheck;
using Tideway.WebSockets.Compression;

namespace Tideway.WebSockets.Tests.Compression;

/// <summary>The codec alone: messages in, messages out.</summary>
public sealed class CodecTests
{
    private static readonly Gen<byte[]> _messages = Gen.OneOf(
        Gen.Byte.Array[1, 3000],
        Gen.Byte[0, 3].Array[1, 3000],
        Gen.Select(Gen.Byte.Array[1, 40], Gen.Int[1, 3000], (unit, count) =>
            Enumerable.Repeat(unit, count).SelectMany(unit => unit).ToArray()));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_deflated_inflates_at_any_level_and_window_in_any_pieces(bool keepsContext) =>
        Gen.Select(_messages.Array[1, 5], Gen.Int[1, 9], Gen.Int[9, 15], Gen.Int[1, 500], Gen.Int[1, 500])
            .Sample((messages, level, bits, piece, room) =>
        {
            using var deflater = new Deflater(level, bits);
            using var inflater = new Inflater();
            foreach (byte[] message in messages)
            {
                byte[] deflated = Deflate(deflater, message, keepsContext);
                if (!keepsContext) inflater.Reset();
                Assert.Equal(message, Inflate(inflater, deflated, piece, room));
            }
        }, iter: 300);

    [Fact]
    public void Without_a_context_a_message_refers_to_nothing_before_it()
    {
        for (int level = 1; level <= 9; level++)
        {
            using var deflater = new Deflater(level, 15);
            byte[] message = Encoding.UTF8.GetBytes(string.Join(' ', Enumerable.Range(0, 300)));
            byte[] first = Deflate(deflater, message, keepsContext: false);
            Assert.Equal(first, Deflate(deflater, message, keepsContext: false));
            using var inflater = new Inflater();
            Assert.Equal(message, Inflate(inflater, first));
        }
    }

    [Fact]
    public void With_a_context_a_message_like_an_earlier_one_is_tiny()
    {
        byte[] message = new byte[2000];
        new Random(1).NextBytes(message);
        for (int level = 1; level <= 9; level++)
        {
            using var deflater = new Deflater(level, 15);
            using var inflater = new Inflater();
            Assert.Equal(message, Inflate(inflater, Deflate(deflater, message, keepsContext: true)));
            byte[] again = Deflate(deflater, message, keepsContext: true);
            Assert.InRange(again.Length, 1, 100);
            Assert.Equal(message, Inflate(inflater, again));
        }
    }

    [Theory]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public void No_reference_is_longer_than_the_window(int bits)
    {
        // The bytes repeat at all distances up to four windows. A decompressor with just that window, which is given
        // room for one byte at a time, has nothing but its window to look back at.
        byte[] unit = new byte[1 << bits + 1];
        new Random(bits).NextBytes(unit);
        byte[] message = [.. unit, .. unit, .. unit.Take(1 << bits - 1), .. unit];
        using var deflater = new Deflater(9, bits);
        using var inflater = new Inflater(bits);
        byte[] deflated = Deflate(deflater, message, keepsContext: false);
        Assert.Equal(message, Inflate(inflater, deflated, room: 1));
    }

    [Theory]
    [InlineData("f248cdc9c90700", "one block")]
    [InlineData("000500faff48656c6c6f00", "no compression")]
    [InlineData("f348cdc9c9070000", "a final block and an empty one")]
    [InlineData("f348cdc9c90700", "a final block alone")]
    [InlineData("f248050000 00ffffcac9c90700", "two blocks")]
    public void The_examples_of_RFC_7692_section_7_2_3_are_read(string hex, string what)
    {
        byte[] deflated = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        for (int piece = 1; piece <= deflated.Length; piece++)
        {
            using var inflater = new Inflater();
            Assert.True("Hello" == Encoding.ASCII.GetString(Inflate(inflater, deflated, piece, 3)), what);
        }
    }

    [Fact]
    public void The_second_message_of_the_RFC_refers_to_the_first()
    {
        using var inflater = new Inflater();
        Assert.Equal("Hello"u8.ToArray(), Inflate(inflater, [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]));
        Assert.Equal("Hello"u8.ToArray(), Inflate(inflater, [0xF2, 0x00, 0x11, 0x00, 0x00]));
        Assert.Empty(Inflate(inflater, [0x00]));
    }

    [Theory]
    [InlineData("", "nothing at all")]
    [InlineData("f248cdc9c907", "cut inside of a block")]
    [InlineData("f2", "cut at its beginning")]
    [InlineData("000500faff4865", "cut inside of bytes without compression")]
    [InlineData("f248cdc9c907000000ffff", "with the tail that is to be left out")]
    [InlineData("f200110000", "referring to what never was")]
    [InlineData("07", "a reserved kind of block")]
    public void What_is_not_a_whole_message_is_refused(string hex, string what)
    {
        using var inflater = new Inflater();
        ReadOnlySpan<byte> input = Convert.FromHexString(hex);
        Assert.False(
            inflater.TryInflate(ref input, new byte[100], out _) && inflater.TryEndMessage(), what);
        inflater.Reset();
        Assert.Equal("Hello"u8.ToArray(), Inflate(inflater, [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]));
    }

    [Fact]
    public void Whatever_the_bytes_are_inflating_ends() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[1, 50]).Sample((bytes, room) =>
        {
            using var inflater = new Inflater();
            ReadOnlySpan<byte> input = bytes;
            byte[] output = new byte[room];
            for (int round = 0; ; round++)
            {
                Assert.InRange(round, 0, 1_000_000);
                if (!inflater.TryInflate(ref input, output, out int written)) break;
                if (written < room) break;
            }

            inflater.TryEndMessage();
        });

    private static byte[] Deflate(Deflater deflater, byte[] message, bool keepsContext) =>
        deflater.Deflate(message, keepsContext, out int length)[..length];

    private static byte[] Inflate(Inflater inflater, byte[] deflated, int piece = int.MaxValue, int room = 4096)
    {
        var message = new List<byte>();
        byte[] output = new byte[room];
        foreach (byte[] part in deflated.Chunk(piece))
        {
            ReadOnlySpan<byte> input = part;
            int written;
            do
            {
                Assert.True(inflater.TryInflate(ref input, output, out written));
                message.AddRange(output.AsSpan(0, written));
            }
            while (written == room);
            Assert.True(input.IsEmpty);
        }

        Assert.True(inflater.TryEndMessage());
        return [.. message];
    }
}
