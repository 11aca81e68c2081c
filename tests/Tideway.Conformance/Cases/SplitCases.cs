using Tideway.Conformance.Wire;
using Tideway.Testing.Wire;

namespace Tideway.Conformance.Cases;

/// <summary>The same frames, wherever the transport cuts them.</summary>
internal static class SplitCases
{
    public static IEnumerable<Case> All() => [.. Cuts(), .. Chops(), .. Violations()];

    private static IEnumerable<Case> Cuts()
    {
        foreach ((string name, Frame[] frames) in new (string, Frame[])[]
        {
            ("a short text", [Frame.Text("héllo")]),
            ("a text with a 16-bit length", [Frame.Text(Payloads.Characters(20))]),
            ("a message of no bytes", [Frame.Binary()]),
            ("two messages", [Frame.Text("one"), Frame.Binary(2, 2)]),
            ("a text in fragments", [Frame.Text("a€").Unfinished(), Frame.Continuation("𝄞b")]),
            (
                "fragments that cut a character",
                [Frame.Text([0xF0, 0x9D]).Unfinished(), Frame.Continuation(0x84).Unfinished(), Frame.Continuation(0x9E)]
            ),
        })
        {
            int length = frames.Sum(frame => frame.Encode(masks: true).Length);
            for (int cut = 1; cut < length; cut++)
            {
                int at = cut;
                if (length > 100 && at is > 16 and < 180) continue; // Only near the header and the end.
                yield return new("5.2", $"Cut after byte {at}, {name} is the same", c => Expect(c
                    .SendCut(at, frames), frames));
            }
        }

        foreach (int at in new[] { 1, 2, 3, 5, 7, 9, 10, 11, 13, 14, 15, 1000, 65_000, 65_549 })
        {
            Frame frame = Frame.Binary(Payloads.Bytes(65_536));
            yield return new("5.2", $"Cut after byte {at}, a message with a 64-bit length is the same", c => c
                .SendCut(at, frame).ExpectEcho(frame));
        }

        for (int cut = 1; cut < 8; cut++)
        {
            int at = cut;
            yield return new("5.5.2", $"Cut after byte {at}, a ping is answered once", c => c
                .SendCut(at, Frame.Ping(1, 2)).ExpectPong(1, 2));
            yield return new("5.5.3", $"Cut after byte {at}, a pong is no news", c => c
                .SendCut(at, Frame.Pong(1, 2), Frame.Text("x")).ExpectText("x"));
            yield return new("5.5.1", $"Cut after byte {at}, a close is answered", c => c
                .SendCut(at, Frame.Close(1000)).ExpectClose(1000));
        }
    }

    private static IEnumerable<Case> Chops()
    {
        Frame[] frames =
        [
            Frame.Text(Payloads.Characters(30)), Frame.Binary(Payloads.Bytes(126)), Frame.Text("a").Unfinished(),
            Frame.Continuation(), Frame.Binary(Payloads.Bytes(70_000)),
        ];
        foreach (int size in new[] { 1, 2, 3, 5, 7, 11, 64, 127, 1024, 4096, 16384 })
        {
            yield return new("5.2", $"In pieces of {size} bytes, the messages are the same", c => c
                .SendChopped(size, size < 11 ? frames[..4] : frames)
                .ExpectEcho(frames[0]).ExpectEcho(frames[1]).ExpectText("a")
                .Do(session => size < 11 ? Task.CompletedTask : Verify(session, frames[4])));
            yield return new("5.5.2", $"In pieces of {size} bytes, pings between fragments are answered", c => c
                .SendChopped(
                    size, Frame.Text("a").Unfinished(), Frame.Ping("1"), Frame.Continuation("b").Unfinished(),
                    Frame.Ping("2"), Frame.Continuation("c"))
                .ExpectPong((byte)'1').ExpectPong((byte)'2').ExpectText("abc"));
        }
    }

    private static IEnumerable<Case> Violations()
    {
        foreach ((string name, Frame frame, int code) in new[]
        {
            ("reserved bits", Frame.Text("a") with { Reserved = 1 }, 1002),
            ("a reserved opcode", new Frame(5, [1]), 1002),
            ("a wrong mask", Frame.Text("a") with { WronglyMasked = true }, 1002),
            ("a fragmented ping", Frame.Ping("p").Unfinished(), 1002),
            ("a length that is not minimal", Frame.Binary(1) with { Form = LengthForm.SixteenBits }, 1002),
            ("a text that is not UTF-8", Frame.Text([0x61, 0xFF]), 1007),
            ("a close of one byte", Frame.Close((byte)3), 1002),
        })
        {
            int length = frame.Encode(masks: false).Length;
            for (int cut = 1; cut < length; cut++)
            {
                int at = cut;
                yield return new("7.1.7", $"Cut after byte {at}, {name} fails the connection", c => c
                    .Send(Frame.Text("before")).ExpectText("before").SendCut(at, frame).ExpectFailure(code));
            }
        }
    }

    private static Script Expect(Script script, Frame[] frames)
    {
        var payload = new List<byte>();
        int opcode = 0;
        foreach (Frame frame in frames)
        {
            if (frame.Opcode != Frame.ContinuationOpcode) opcode = frame.Opcode;
            payload.AddRange(frame.Payload);
            if (!frame.Fin) continue;
            script.ExpectMessage(opcode, [.. payload]);
            payload.Clear();
        }

        return script;
    }

    private static async Task Verify(Session session, Frame frame)
    {
        WireMessage message = await session.ReadMessageAsync();
        if (message.Opcode != frame.Opcode || !message.Payload.AsSpan().SequenceEqual(frame.Payload))
            throw new CaseFailedException($"Expected {frame}, got {message}.");
    }
}
