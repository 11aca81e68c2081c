using System.Text;
using CsCheck;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Tests.Framing;

/// <summary>Any messages, in any fragments, with any control frames between them and in any pieces, are read as they
/// were meant.</summary>
public sealed class MessageStreamTests
{
    private const int MaxPayload = 2000;
    private static readonly Gen<byte[]> _payload = Gen.OneOf(Gen.Byte.Array[0, 20], Gen.Byte.Array[0, 700]);

    private static readonly Gen<Sent> _control = Gen.Select(
        Gen.OneOfConst(Opcode.Ping, Opcode.Pong), Gen.Byte.Array[0, 125], Gen.UInt, (opcode, payload, key) =>
            new Sent([Describe(opcode, payload)], [(opcode, true, payload, key)]));

    private static readonly Gen<Sent> _message = Gen.Select(
        Gen.OneOf(
            Gen.String[0, 60].Select(text => (Opcode.Text, Encoding.UTF8.GetBytes(text))),
            _payload.Select(payload => (Opcode.Binary, payload))),
        Gen.Int[0, 200].Array[0, 6],
        _control.Array[0, 3],
        Gen.UInt,
        ((Opcode Opcode, byte[] Payload) message, int[] lengths, Sent[] between, uint key) =>
            Fragment(message.Opcode, message.Payload, lengths, between, key));

    private static readonly Gen<Sent[]> _stream = Gen.OneOf(_control, _message, _message).Array[1, 8];

    [Fact]
    public void Any_messages_in_any_fragments_and_pieces_are_read_as_they_were_meant() =>
        Gen.Select(_stream, Gen.Int[1, 200].Array[1, 30], Gen.Bool.Array[1, 30], Gen.Enum<WebSocketRole>())
            .Sample((stream, pieces, wanted, role) => Assert.Equal(
                stream.SelectMany(sent => sent.Meaning),
                Read(role, stream.SelectMany(sent => Write(sent, role)).ToArray(), pieces, wanted)));

    [Fact]
    public void A_close_payload_is_parsed_as_it_was_written() =>
        Gen.Select(Gen.Int[0, 5000], Gen.String[0, 41]).Sample((number, reason) =>
        {
            // What cannot be UTF-8 is replaced on the way.
            reason = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(reason));
            var code = (CloseCode)number;
            byte[] bytes = new byte[FrameHeader.MaxControlPayload];
            int length = ClosePayload.Write(code, reason, bytes);
            Violation? violation = ClosePayload.TryParse(
                bytes.AsSpan(0, length), out CloseCode parsed, out string text);
            if (code == CloseCode.NoStatusReceived)
            {
                Assert.Equal((null, code, ""), (violation, parsed, text));
                return;
            }

            Assert.Equal(ClosePayload.IsSendable(number), violation is null);
            if (violation is null) Assert.Equal((code, reason), (parsed, text));
        });

    [Fact]
    public void Masking_is_right_at_every_length_and_alignment()
    {
        const int Most = 150; // Twice the widest vector, and more.
        byte[] bytes = [.. Enumerable.Range(0, Most + 64).Select(i => (byte)(i * 37))];
        for (int offset = 0; offset < 64; offset++)
        {
            for (int length = 0; length <= Most; length++)
            {
                byte[] expected = [.. bytes], actual = [.. bytes];
                uint expectedKey = Masking.ApplyScalar(expected.AsSpan(offset, length), 0x9A3F217D);
                Assert.Equal(expectedKey, Masking.Apply(actual.AsSpan(offset, length), 0x9A3F217D));
                Assert.True(expected.AsSpan().SequenceEqual(actual), $"{length} bytes at {offset}");
            }
        }
    }

    /// <summary>Cuts a message into fragments of these lengths, the last with what is left, and puts control frames
    /// between them.</summary>
    private static Sent Fragment(Opcode opcode, byte[] payload, int[] lengths, Sent[] between, uint key)
    {
        var frames = new List<(Opcode, bool, byte[], uint)>();
        var meaning = new List<string>();
        int at = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            int length = Math.Min(lengths[i], payload.Length - at);
            frames.Add((i == 0 ? opcode : Opcode.Continuation, false, payload[at..(at + length)], key + (uint)i));
            at += length;
            if (i >= between.Length) continue;
            frames.AddRange(between[i].Frames);
            meaning.AddRange(between[i].Meaning);
        }

        frames.Add((lengths.Length == 0 ? opcode : Opcode.Continuation, true, payload[at..], key));
        return new Sent([.. meaning, Describe(opcode, payload)], [.. frames]);
    }

    private static IEnumerable<byte> Write(Sent sent, WebSocketRole reader)
    {
        bool masked = reader == WebSocketRole.Server;
        foreach ((Opcode opcode, bool fin, byte[] payload, uint key) in sent.Frames)
        {
            var header = new FrameHeader(fin, opcode, masked, masked ? key : 0, payload.Length);
            byte[] frame = new byte[header.Length + payload.Length];
            Span<byte> body = frame.AsSpan(header.Write(frame));
            payload.CopyTo(body);
            Masking.ApplyScalar(body, header.MaskKey);
            foreach (byte value in frame) yield return value;
        }
    }

    /// <summary>Feeds a reader as a connection does, with data wanted or not as it happens.</summary>
    private static List<string> Read(WebSocketRole role, byte[] wire, int[] pieces, bool[] wanted)
    {
        var reader = new MessageReader(role, MaxPayload);
        var found = new List<string>();
        int start = 0, end = 0, turn = 0;
        while (end < wire.Length)
        {
            end = Math.Min(end + pieces[turn % pieces.Length], wire.Length);
            while (true)
            {
                Span<byte> input = wire.AsSpan(start, end - start);
                bool isWanted = wanted[turn++ % wanted.Length];
                ReadOutcome outcome = reader.Read(input, isWanted, out int consumed);
                if (outcome == ReadOutcome.DataWaiting)
                {
                    Assert.False(isWanted);
                    start += consumed;
                    input = wire.AsSpan(start, end - start);
                    outcome = reader.Read(input, true, out consumed);
                }

                start += consumed;
                if (outcome == ReadOutcome.NeedMore) break;
                Assert.True(outcome is ReadOutcome.Message or ReadOutcome.Control, reader.Violation?.Reason);
                Span<byte> source = reader.Assembly is { } assembly ? assembly : input;
                found.Add(Describe(reader.Opcode, source.Slice(reader.PayloadStart, reader.PayloadLength)));
            }
        }

        Assert.Equal(wire.Length, start);
        return found;
    }

    private static string Describe(Opcode opcode, ReadOnlySpan<byte> payload) =>
        $"{opcode} {Convert.ToHexString(payload)}";

    /// <summary>Frames, and the messages and control frames that they are.</summary>
    private sealed record Sent(string[] Meaning, (Opcode Opcode, bool Fin, byte[] Payload, uint Key)[] Frames);
}
