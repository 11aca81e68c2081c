using Tideway.Testing.Wire;

namespace Tideway.Conformance.Cases;

/// <summary>Pings, and the pongs that answer them or come unasked.</summary>
internal static class PingCases
{
    public static IEnumerable<Case> All()
    {
        foreach (int length in new[] { 0, 1, 2, 3, 4, 5, 124, 125 })
        {
            byte[] payload = Payloads.Bytes(length);
            yield return new("5.5.3", $"A ping of {length} bytes is answered with its payload", c => c
                .Send(Frame.Ping(payload)).ExpectPong(payload));
            yield return new("5.5.3", $"A ping of {length} bytes is answered while nobody receives", c => c
                .Send(Frame.Ping(payload)).ExpectPong(payload), Profile.Silent);
            yield return new("5.5.3", $"An unasked pong of {length} bytes is no news", c => c
                .Send(Frame.Pong(payload), Frame.Text("after")).ExpectText("after"));
        }

        foreach (int length in new[] { 126, 127, 65535, 65536 })
        {
            yield return new("5.5", $"A ping of {length} bytes fails the connection", c => c
                .Send(Frame.Ping(Payloads.Bytes(length))).ExpectFailure(1002));
            yield return new("5.5", $"A pong of {length} bytes fails the connection", c => c
                .Send(Frame.Pong(Payloads.Bytes(length))).ExpectFailure(1002));
            yield return new("5.5", $"A ping of {length} bytes fails the connection before its payload", c => c
                .SendFirstBytes(Frame.Ping(Payloads.Bytes(length)), 2).ExpectFailure(1002));
        }

        yield return new("5.5.2", "A ping may carry bytes that are not UTF-8", c => c
            .Send(Frame.Ping(0x00, 0xFF, 0xFE, 0xFD, 0x80, 0xC0)).ExpectPong(0x00, 0xFF, 0xFE, 0xFD, 0x80, 0xC0));
        int[] ten = [.. Enumerable.Range(0, 10)];
        yield return new("5.5.3", "Ten pings in one piece are answered in order", c => c
            .Send([.. ten.Select(i => Frame.Ping((byte)i))])
            .ForEach(ten, (c, i) => c.ExpectPong((byte)i)));
        yield return new("5.5.3", "Ten pings, chopped byte by byte, are answered in order", c => c
            .SendChopped(1, [.. ten.Select(i => Frame.Ping((byte)i, 1, 2))])
            .ForEach(ten, (c, i) => c.ExpectPong((byte)i, 1, 2)));
        yield return new("5.5.2", "A ping of 125 bytes, chopped byte by byte, is answered", c => c
            .SendChopped(1, Frame.Ping(Payloads.Bytes(125))).ExpectPong(Payloads.Bytes(125)));
        yield return new("5.5.2", "A ping between two messages disturbs neither", c => c
            .Send(Frame.Text("one"), Frame.Ping("p"), Frame.Text("two"))
            .ExpectText("one").ExpectPong((byte)'p').ExpectText("two"));
        yield return new("5.5.2", "A ping behind a message of 1 MiB is answered", c => c
            .Send(Frame.Binary(Payloads.Bytes(1 << 20)), Frame.Ping("p"))
            .ExpectBinary(Payloads.Bytes(1 << 20)).ExpectPong((byte)'p'));
        yield return new("5.5.3", "Pongs with and without a ping before them are no news", c => c
            .Send(Frame.Pong(), Frame.Pong(1), Frame.Ping("p"), Frame.Pong(2)).ExpectPong((byte)'p'));
        yield return new("5.5.2", "A ping that the application sends has its payload", c => c
            .Send(Frame.Text("ping hello")).ExpectPing("hello"u8.ToArray()).Send(Frame.Pong("hello"u8.ToArray())),
            Profile.Obedient);
        yield return new("5.5.3", "A pong that answers another ping than was sent is no news", c => c
            .Send(Frame.Text("ping hello")).ExpectPing("hello"u8.ToArray()).Send(Frame.Pong("other"u8.ToArray())),
            Profile.Obedient);
        yield return new("5.5.2", "A ping without an answer does not stop the messages", c => c
            .Send(Frame.Text("ping hello")).ExpectPing("hello"u8.ToArray()).Send(Frame.Text("text 3"))
            .ExpectText("aaa"), Profile.Obedient);

        foreach (Frame control in new[] { Frame.Ping("p"), Frame.Pong(1), Frame.Ping() })
        {
            yield return new("5.5", $"A fragmented {control} fails the connection", c => c
                .Send(control.Unfinished()).ExpectFailure(1002));
            yield return new("5.5", $"A fragmented {control} inside a message fails the connection", c => c
                .Send(Frame.Text("begun").Unfinished(), control.Unfinished()).ExpectFailure(1002));
            yield return new("5.5", $"A fragmented {control} fails the connection at its first byte", c => c
                .SendFirstBytes(control.Unfinished(), 1).ExpectFailure(1002));
        }
    }
}
