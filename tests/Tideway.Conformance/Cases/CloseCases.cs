using Tideway.Conformance.Wire;
using Tideway.Testing.Wire;

namespace Tideway.Conformance.Cases;

/// <summary>Closing handshakes in all forms, from either end.</summary>
internal static class CloseCases
{
    public static IEnumerable<Case> All() => [.. Codes(), .. Payload(), .. Order(), .. FromHere()];

    private static IEnumerable<Case> Codes()
    {
        foreach (int code in new[]
        {
            1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3999, 4000, 4001, 4999,
        })
        {
            yield return new("7.4", $"The code {code} is echoed", c => c
                .Send(Frame.Close(code)).ExpectClose(code));
            yield return new("7.4", $"The code {code} with a reason is echoed", c => c
                .Send(Frame.Close(code, "because of π")).ExpectClose(code));
        }

        foreach (int code in new[]
        {
            0, 1, 100, 999, 1004, 1005, 1006, 1015, 1016, 1017, 1099, 1100, 1999, 2000, 2998, 2999, 5000, 5001, 9999,
            32768, 65534, 65535,
        })
        {
            yield return new("7.4", $"The code {code} must not be sent and fails the connection", c => c
                .Send(Frame.Close(code)).ExpectFailure(1002));
            yield return new("7.4", $"The code {code} with a reason fails the connection", c => c
                .Send(Frame.Close(code, "because of π")).ExpectFailure(1002));
        }
    }

    private static IEnumerable<Case> Payload()
    {
        yield return new("5.5.1", "A close without a code is answered without one", c => c
            .Send(Frame.Close()).ExpectClose(1005));
        foreach (byte value in new byte[] { 0, 3, 0xFF })
        {
            yield return new("5.5.1", $"A close of the one byte {value:X2} fails the connection", c => c
                .Send(Frame.Close(value)).ExpectFailure(1002));
        }

        foreach (int length in new[] { 1, 2, 122, 123 })
        {
            yield return new("5.5.1", $"A reason of {length} bytes is taken", c => c
                .Send(Frame.Close(1000, new string('r', length))).ExpectClose(1000));
        }

        foreach (int length in new[] { 124, 125, 1000 })
        {
            yield return new("5.5", $"A reason of {length} bytes is too long for the frame and fails", c => c
                .Send(Frame.Close(1000, new string('r', length))).ExpectFailure(1002));
        }

        yield return new("5.5.1", "A reason of 41 characters of three bytes is taken", c => c
            .Send(Frame.Close(1000, new string('€', 41))).ExpectClose(1000));
        foreach (string hex in new[] { "FF", "C0AF", "EDA080", "F4908080", "E282", "61C3", "80", "CEBAE1BDB9EDA08065" })
        {
            yield return new("7.1.6", $"The reason {hex} is not UTF-8 and fails the connection", c => c
                .Send(Frame.Close([0x03, 0xE8, .. Convert.FromHexString(hex)])).ExpectFailure(1007));
        }

        yield return new("7.1.6", "A long reason that ends inside a character fails the connection", c => c
            .Send(Frame.Close([0x03, 0xE8, .. Payloads.Letters(121), 0xE2, 0x82])).ExpectFailure(1007));
        yield return new("5.5.1", "A close, chopped byte by byte, is answered", c => c
            .SendChopped(1, Frame.Close(4000, "reason")).ExpectClose(4000));
    }

    private static IEnumerable<Case> Order()
    {
        Frame[] behind =
        [
            Frame.Text("late"), Frame.Binary(1), Frame.Ping("late"), Frame.Pong(1), Frame.Close(1001),
            Frame.Text("late").Unfinished(), new Frame(5, [1]), Frame.Text([0xFF]),
            Frame.Binary(Payloads.Bytes(1000)),
        ];
        foreach (Frame frame in behind)
        {
            yield return new("5.5.1", $"A {frame} behind a close in one piece is not looked at", c => c
                .Send(Frame.Close(1000), frame).ExpectClose(1000));
            yield return new("5.5.1", $"A {frame} behind a close without a code is not looked at", c => c
                .Send(Frame.Close(), frame).ExpectClose(1005));
        }

        yield return new("5.5.1", "A ping before a close is answered first", c => c
            .Send(Frame.Ping("p"), Frame.Close(1000)).ExpectPong((byte)'p').ExpectClose(1000));
        yield return new("5.5.1", "A message before a close is answered first", c => c
            .Send(Frame.Text("last"), Frame.Close(1000)).ExpectText("last").ExpectClose(1000));
        yield return new("5.5.1", "A close behind a message of 1 MiB is answered behind its echo", c => c
            .Send(Frame.Binary(Payloads.Bytes(1 << 20))).ExpectBinary(Payloads.Bytes(1 << 20))
            .Send(Frame.Close(1000)).ExpectClose(1000));
        yield return new("5.5.1", "A close is answered while nobody receives", c => c
            .Send(Frame.Close(1001)).ExpectClose(1001), Profile.Silent);
        yield return new("7.1.7", "A failed connection ends though the peer only ends its side", c => c
            .Send(new Frame(5, [1])).ExpectCloseFrame(1002).EndSending().ExpectBareEnd());
        yield return new("7.1.7", "Nothing that follows a violation is answered", c => c
            .Send(new Frame(5, [1]), Frame.Ping("p"), Frame.Text("x"), Frame.Text([0xFF])).ExpectFailure(1002));
        yield return new("7.1.7", "A failed connection ends though the peer never answers", c => c
            .Send(new Frame(5, [1])).ExpectCloseFrame(1002).Do(session => session.ReadCutAsync()),
            Profile.Impatient, Roles: Roles.Server);
    }

    private static IEnumerable<Case> FromHere()
    {
        foreach (int code in new[] { 1000, 1001, 1003, 1008, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999 })
        {
            yield return new("7.1.2", $"A close with {code} from here ends with the peer's answer", c => c
                .Send(Frame.Text($"close {code} because of π")).ExpectClose(code, "because of π"), Profile.Obedient);
        }

        yield return new("5.5.1", "A close without a code from here has no payload", c => c
            .Send(Frame.Text("close")).ExpectClose(1005), Profile.Obedient);
        yield return new("7.1.2", "A handler that ends closes with 1000", c => c
            .Send(Frame.Text("return")).ExpectClose(1000), Profile.Obedient);
        yield return new("7.4.1", "A handler that fails closes with 1011", c => c
            .Send(Frame.Text("throw")).ExpectFailure(1011), Profile.Obedient);
        yield return new("5.5.1", "What was sent before a close from here comes before it", c => c
            .Send(Frame.Text("text 1000"), Frame.Text("binary 3"), Frame.Text("close 1000"))
            .ExpectText(new string('a', 1000)).ExpectBinary(0, 0, 0).ExpectClose(1000), Profile.Obedient);
        foreach (Frame crossing in new[]
        {
            Frame.Text("x"), Frame.Text("x").Unfinished(), Frame.Pong(1), Frame.Binary(Payloads.Bytes(900)),
        })
        {
            yield return new("7.1.2", $"A {crossing} that crosses a close from here is dropped", c => c
                .Send(Frame.Text("close 1001")).ExpectCloseFrame(1001).Send(crossing).ExpectEnd(), Profile.Obedient);
        }

        yield return new("7.1.2", "Closes that cross end the connection", c => c
            .Send(Frame.Text("close 1001"), Frame.Close(4000)).Do(async session =>
            {
                Frame close = await session.ReadCloseAsync();
                if (Session.Describe(close) is not ("1001 ''" or "4000 ''"))
                    throw new CaseFailedException($"Got a close {Session.Describe(close)}.");
            }).ExpectEnd(), Profile.Obedient);
        yield return new("7.1.1", "The transport ends though the peer never answers a close from here", c => c
            .Send(Frame.Text("close 1000")).ExpectCloseFrame(1000).Do(session => session.ReadCutAsync()),
            Profile.Impatient);
    }
}
