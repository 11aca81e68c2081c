using System.Text;
using CsCheck;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Tests.Framing;

public sealed class FramingTests
{
    private static readonly Gen<byte[]> _bytes = Gen.Byte.Array[0, 300];

    [Fact]
    public void Masking_equals_its_scalar_definition_at_all_lengths_and_offsets() =>
        Gen.Select(_bytes, Gen.UInt, Gen.Int[0, 70]).Sample((bytes, key, offset) =>
        {
            offset = Math.Min(offset, bytes.Length);
            byte[] expected = [.. bytes];
            uint expectedKey = Masking.ApplyScalar(expected.AsSpan(offset), key);
            uint actualKey = Masking.Apply(bytes.AsSpan(offset), key);
            Assert.Equal(expected, bytes);
            Assert.Equal(expectedKey, actualKey);
        });

    [Fact]
    public void Masking_in_pieces_equals_masking_at_once() =>
        Gen.Select(_bytes, Gen.UInt, Gen.Int[0, 300]).Sample((bytes, key, cut) =>
        {
            cut = Math.Min(cut, bytes.Length);
            byte[] whole = [.. bytes];
            Masking.Apply(whole, key);
            Masking.Apply(bytes.AsSpan(cut), Masking.Apply(bytes.AsSpan(0, cut), key));
            Assert.Equal(whole, bytes);
        });

    [Fact]
    public void A_header_is_parsed_as_it_was_written_and_never_before_it_is_complete() =>
        Gen.Select(
                Gen.OneOf(Gen.Long[0, 70_000], Gen.Long[0, long.MaxValue]),
                Gen.Enum<Opcode>(),
                Gen.Bool,
                Gen.Bool,
                Gen.UInt)
            .Sample((length, opcode, fin, masked, key) =>
            {
                if (opcode >= Opcode.Close) (fin, length) = (true, length % (FrameHeader.MaxControlPayload + 1));
                var header = new FrameHeader(fin, opcode, masked, masked ? key : 0, length);
                byte[] bytes = new byte[FrameHeader.MaxLength];
                int written = header.Write(bytes);
                Assert.Equal(header.Length, written);
                for (int cut = 0; cut < written; cut++)
                {
                    Assert.Equal(
                        FrameStatus.NeedMore, FrameHeader.TryParse(bytes.AsSpan(0, cut), masked, out _, out _));
                }

                Assert.Equal(FrameStatus.Complete, FrameHeader.TryParse(bytes, masked, out FrameHeader parsed, out _));
                Assert.Equal(
                    (fin, opcode, masked, header.MaskKey, length),
                    (parsed.Fin, parsed.Opcode, parsed.Masked, parsed.MaskKey, parsed.PayloadLength));
            });

    [Fact]
    public void Utf8_in_pieces_is_judged_like_the_whole() =>
        Gen.Select(Gen.OneOf(Gen.String.Select(Encoding.UTF8.GetBytes), _bytes), Gen.Int[0, 300]).Sample((bytes, cut) =>
        {
            cut = Math.Min(cut, bytes.Length);
            var validator = default(Utf8Validator);
            bool valid = validator.Append(bytes.AsSpan(0, cut))
                && validator.Append(bytes.AsSpan(cut))
                && validator.IsComplete;
            Assert.Equal(System.Text.Unicode.Utf8.IsValid(bytes), valid);
        });

    [Theory]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0xC0 })]
    [InlineData(new byte[] { 0xC1 })]
    [InlineData(new byte[] { 0xE0, 0x9F })]
    [InlineData(new byte[] { 0xED, 0xA0 })]
    [InlineData(new byte[] { 0xF0, 0x8F })]
    [InlineData(new byte[] { 0xF4, 0x90 })]
    [InlineData(new byte[] { 0xF5 })]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xE2, 0x82, 0x41 })]
    public void Utf8_fails_at_the_first_impossible_byte_and_not_before(byte[] bytes)
    {
        var validator = default(Utf8Validator);
        for (int i = 0; i < bytes.Length - 1; i++) Assert.True(validator.Append(bytes.AsSpan(i, 1)));
        Assert.False(validator.Append(bytes.AsSpan(bytes.Length - 1)));

        var whole = default(Utf8Validator);
        Assert.False(whole.Append(bytes));
    }

    [Fact]
    public void A_message_is_written_in_any_rooms_as_at_once() =>
        Gen.Select(_bytes, Gen.Int[0, 40], Gen.Int[14, 60], Gen.Enum<WebSocketRole>())
            .Sample((payload, fragment, room, role) =>
        {
            var writer = new FrameWriter(role, Opcode.Binary, payload.Length, fragment);
            var wire = new List<byte>();
            byte[] buffer = new byte[room];
            while (!writer.IsDone) wire.AddRange(buffer.AsSpan(0, writer.Write(payload, buffer)));
            Assert.Equal(FrameWriter.WireLength(role, payload.Length, fragment), wire.Count);

            WebSocketRole reader = role == WebSocketRole.Client ? WebSocketRole.Server : WebSocketRole.Client;
            Assert.Equal([payload], ReadAll(new MessageReader(reader, 1000), [.. wire], wire.Count));
        });

    [Fact]
    public void Any_segmentation_gives_the_same_messages() =>
        Gen.Select(_bytes.Array[1, 6], Gen.Int[0, 50], Gen.Int[1, 80]).Sample((messages, fragment, segment) =>
        {
            var wire = new List<byte>();
            foreach (byte[] payload in messages)
            {
                var writer = new FrameWriter(WebSocketRole.Client, Opcode.Binary, payload.Length, fragment);
                byte[] bytes = new byte[FrameWriter.WireLength(WebSocketRole.Client, payload.Length, fragment)];
                writer.Write(payload, bytes);
                wire.AddRange(bytes);
            }

            Assert.Equal(messages, ReadAll(new MessageReader(WebSocketRole.Server, 1000), [.. wire], segment));
        });

    [Fact]
    public void A_close_is_found_in_any_segmentation_of_what_is_discarded() =>
        Gen.Select(_bytes, Gen.Int[1, 50]).Sample((payload, segment) =>
        {
            byte[] wire =
                [.. Frame(Opcode.Binary, payload), .. Frame(Opcode.Ping, []), .. Frame(Opcode.Close, [3, 232])];
            var scanner = new CloseScanner(0);
            for (int start = 0; start < wire.Length; start += segment)
            {
                int end = Math.Min(start + segment, wire.Length);
                Assert.Equal(end == wire.Length, scanner.Scan(wire.AsSpan(start, end - start)));
            }
        });

    private static byte[] Frame(Opcode opcode, byte[] payload)
    {
        var writer = new FrameWriter(WebSocketRole.Client, opcode, payload.Length, 0);
        byte[] bytes = new byte[FrameWriter.WireLength(WebSocketRole.Client, payload.Length, 0)];
        writer.Write(payload, bytes);
        return bytes;
    }

    /// <summary>Feeds the reader as a connection does: what it leaves comes again with the next segment.</summary>
    private static List<byte[]> ReadAll(MessageReader reader, byte[] wire, int segment)
    {
        var messages = new List<byte[]>();
        int start = 0;
        for (int end = 0; end < wire.Length;)
        {
            end = Math.Min(end + segment, wire.Length);
            while (true)
            {
                ReadOutcome outcome = reader.Read(wire.AsSpan(start, end - start), true, out int consumed);
                if (outcome == ReadOutcome.Message)
                {
                    Span<byte> source = reader.Assembly is { } assembly ? assembly : wire.AsSpan(start);
                    messages.Add(source.Slice(reader.PayloadStart, reader.PayloadLength).ToArray());
                }

                start += consumed;
                if (outcome == ReadOutcome.Message) continue;
                Assert.Equal(ReadOutcome.NeedMore, outcome);
                break;
            }
        }

        Assert.Equal(wire.Length, start);
        return messages;
    }
}
