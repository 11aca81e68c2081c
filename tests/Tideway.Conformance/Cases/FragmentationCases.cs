using Tideway.Testing.Wire;

namespace Tideway.Conformance.Cases;

/// <summary>Messages of several frames, with and without control frames between them.</summary>
internal static class FragmentationCases
{
    /// <summary>The payload lengths of the frames of a message.</summary>
    private static readonly int[][] _shapes =
    [
        [3, 4], [0, 5], [5, 0], [0, 0], [1, 1, 1], [0, 0, 3], [0, 3, 0], [3, 0, 0], [0, 0, 0], [125, 126], [126, 125],
        [65535, 65536], [1, 70_000, 1], [1, 2, 3, 4, 5, 6, 7, 8],
    ];

    public static IEnumerable<Case> All() => [.. Shapes(), .. Sequences(), .. InFlight(), .. Closes()];

    private static IEnumerable<Case> Shapes()
    {
        foreach (int[] shape in _shapes)
        {
            string name = string.Join(" + ", shape);
            foreach (bool isText in new[] { true, false })
            {
                Frame whole = isText
                    ? Frame.Text(Payloads.Letters(shape.Sum())) : Frame.Binary(Payloads.Bytes(shape.Sum()));
                string kind = isText ? "text" : "bytes";
                yield return new("5.4", $"A message of {kind} in frames of {name} is one message", c => c
                    .Send([.. Fragments(whole, shape)]).ExpectEcho(whole));
                yield return new("5.4", $"A message of {kind} in frames of {name}, one by one, is one message", c => c
                    .ForEach(Fragments(whole, shape), (c, frame) => c.Send(frame)).ExpectEcho(whole));
                yield return new("5.5.2", $"Pings between frames of {name} of {kind} are answered", c => c
                    .Send([.. Fragments(whole, shape)
                        .SelectMany((frame, i) => new[] { Frame.Ping((byte)i, 7), frame })])
                    .ForEach(Enumerable.Range(0, shape.Length), (c, i) => c.ExpectPong((byte)i, 7))
                    .ExpectEcho(whole));
                yield return new("5.4", $"Pongs between frames of {name} of {kind} are not the message's", c => c
                    .Send([.. Fragments(whole, shape)
                        .SelectMany((frame, i) => new[] { frame, Frame.Pong((byte)i, 7) })])
                    .ExpectEcho(whole));
            }
        }
    }

    private static IEnumerable<Case> Sequences()
    {
        foreach (Frame continuation in new[] { Frame.Continuation("x"), Frame.Continuation() })
        {
            foreach (Frame frame in new[] { continuation, continuation.Unfinished() })
            {
                yield return new("5.4", $"A {frame} that continues nothing fails the connection", c => c
                    .Send(frame).ExpectFailure(1002));
                yield return new("5.4", $"A {frame} behind a whole message fails the connection", c => c
                    .Send(Frame.Text("whole")).ExpectText("whole").Send(frame).ExpectFailure(1002));
                yield return new("5.4", $"A {frame} behind a finished message fails the connection", c => c
                    .Send(Frame.Text("a").Unfinished(), Frame.Continuation("b")).ExpectText("ab")
                    .Send(frame, Frame.Text("c")).ExpectFailure(1002));
                yield return new("5.4", $"A {frame} behind a ping fails the connection", c => c
                    .Send(Frame.Ping("p")).ExpectPong((byte)'p').Send(frame).ExpectFailure(1002));
            }
        }

        foreach (Frame first in new[] { Frame.Text("a"), Frame.Text(""), Frame.Binary(1), Frame.Binary() })
        {
            foreach (Frame second in new[] { Frame.Text("b"), Frame.Text(""), Frame.Binary(2), Frame.Binary() })
            {
                yield return new("5.4", $"A {second} inside a message begun by a {first} fails the connection", c => c
                    .Send(first.Unfinished(), second).ExpectFailure(1002));
            }

            yield return new("5.4", $"A second beginning inside a message begun by a {first} fails", c => c
                .Send(first.Unfinished(), first.Unfinished()).ExpectFailure(1002));
            yield return new("5.4", $"A new message behind continuations of a {first} fails", c => c
                .Send(first.Unfinished(), Frame.Continuation().Unfinished(), Frame.Ping("p")).ExpectPong((byte)'p')
                .Send(first).ExpectFailure(1002));
        }

        yield return new("5.4", "A text in fragments behind bytes in fragments is text", c => c
            .Send(Frame.Binary(0xFF).Unfinished(), Frame.Continuation(0xFE))
            .Send(Frame.Text("a").Unfinished(), Frame.Continuation("b"))
            .ExpectBinary(0xFF, 0xFE).ExpectText("ab"));
        yield return new("5.4", "A hundred fragments of no bytes may come before the last", c => c
            .Send([Frame.Text("").Unfinished(), .. Empty(100), Frame.Continuation("end")]).ExpectText("end"));
        yield return new("7.4.1", "A flood of fragments of no bytes fails the connection", c => c
            .Send([Frame.Text("").Unfinished(), .. Empty(1000)]).ExpectFailure(1008));
        yield return new("5.4", "A message may have a thousand fragments of one byte", c => c
            .Send([.. Fragments(Frame.Binary(Payloads.Bytes(1000)), [.. Enumerable.Repeat(1, 1000)])])
            .ExpectBinary(Payloads.Bytes(1000)));
    }

    /// <summary>Answers that must come before the message is finished.</summary>
    private static IEnumerable<Case> InFlight()
    {
        yield return new("5.5.2", "A ping behind the first fragment is answered before the next", c => c
            .Send(Frame.Text("a").Unfinished(), Frame.Ping("1")).ExpectPong((byte)'1')
            .Send(Frame.Continuation("b").Unfinished(), Frame.Ping("2")).ExpectPong((byte)'2')
            .Send(Frame.Continuation("c")).ExpectText("abc"));
        yield return new("5.5.2", "A ping of 125 bytes inside a message has its own payload only", c => c
            .Send(Frame.Binary(Payloads.Bytes(500)).Unfinished(), Frame.Ping(Payloads.Bytes(125)))
            .ExpectPong(Payloads.Bytes(125))
            .Send(Frame.Continuation(1, 2, 3)).ExpectBinary([.. Payloads.Bytes(500), 1, 2, 3]));
        int[] ten = [.. Enumerable.Range(0, 10)];
        yield return new("5.4", "Ten pings inside a message are answered in order", c => c
            .Send(
                [Frame.Text("a").Unfinished(), .. ten.Select(i => Frame.Ping((byte)i)), Frame.Continuation("b")])
            .ForEach(ten, (c, i) => c.ExpectPong((byte)i)).ExpectText("ab"));
    }

    private static IEnumerable<Case> Closes()
    {
        foreach (Frame first in new[] { Frame.Text("begun"), Frame.Text(""), Frame.Binary(1, 2, 3) })
        {
            yield return new("5.5.1", $"A close inside a message begun by a {first} is answered", c => c
                .Send(first.Unfinished()).Send(Frame.Close(1001, "bye")).ExpectClose(1001));
            yield return new("5.5.1", $"A close without a code inside a message begun by a {first} is answered", c => c
                .Send(first.Unfinished(), Frame.Continuation(4).Unfinished()).Send(Frame.Close())
                .ExpectClose(1005));
            yield return new("5.5.1", $"A close inside a message begun by a {first} ends it, whatever follows", c => c
                .Send(first.Unfinished()).Send(Frame.Close(1000), Frame.Continuation("end")).ExpectClose(1000));
        }
    }

    private static IEnumerable<Frame> Empty(int count) => Enumerable.Repeat(Frame.Continuation().Unfinished(), count);

    private static IEnumerable<Frame> Fragments(Frame whole, int[] lengths)
    {
        int start = 0;
        for (int i = 0; i < lengths.Length; start += lengths[i++])
        {
            yield return new Frame(
                i == 0 ? whole.Opcode : Frame.ContinuationOpcode, whole.Payload[start..(start + lengths[i])])
            {
                Fin = i == lengths.Length - 1,
            };
        }
    }
}
