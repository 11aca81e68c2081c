using Tideway.Testing.Wire;

namespace Tideway.Conformance.Cases;

/// <summary>Bits that no extension has given a meaning.</summary>
internal static class ReservedBitCases
{
    public static IEnumerable<Case> All()
    {
        Frame[] kinds =
        [
            Frame.Text("a"), Frame.Binary(1), Frame.Close(1000), Frame.Ping("p"), Frame.Pong(1), Frame.Text(""),
            Frame.Binary(), Frame.Close(), Frame.Ping(), Frame.Text(Payloads.Letters(200)),
            Frame.Text("a").Unfinished(),
        ];
        for (int bits = 1; bits < 8; bits++)
        {
            int reserved = bits;
            foreach (Frame kind in kinds)
            {
                yield return new("5.2", $"The reserved bits {Name(bits)} of a {kind} fail the connection", c => c
                    .Send(kind with { Reserved = reserved }).ExpectFailure(1002));
            }

            yield return new("5.2", $"The reserved bits {Name(bits)} of a continuation fail the connection", c => c
                .Send(Frame.Text("a").Unfinished(), Frame.Continuation("b") with { Reserved = reserved })
                .ExpectFailure(1002));
            yield return new("5.2", $"The reserved bits {Name(bits)} fail the connection at the first byte", c => c
                .SendFirstBytes(Frame.Text("a") with { Reserved = reserved }, 1).ExpectFailure(1002));
            yield return new("5.2", $"What came before the reserved bits {Name(bits)} was answered", c => c
                .Send(Frame.Text("before")).ExpectText("before")
                .Send(Frame.Ping("p")).ExpectPong((byte)'p')
                .Send(Frame.Text("a") with { Reserved = reserved }).ExpectFailure(1002));
            yield return new("5.2", $"Chopped byte by byte, the reserved bits {Name(bits)} fail the connection", c => c
                .SendChopped(1, Frame.Text("abc") with { Reserved = reserved }).ExpectFailure(1002));
        }
    }

    private static string Name(int bits) => Convert.ToString(bits, 2).PadLeft(3, '0');
}
