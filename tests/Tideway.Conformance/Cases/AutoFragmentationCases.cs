using Tideway.Testing.Wire;

namespace Tideway.Conformance.Cases;

/// <summary>Messages that the end under test sends in fragments of a size that it was told.</summary>
internal static class AutoFragmentationCases
{
    public static IEnumerable<Case> All()
    {
        foreach ((int size, Profile profile) in Profile.Fragmenting)
        {
            foreach (int length in Lengths(size))
            {
                foreach (int opcode in new[] { Frame.TextOpcode, Frame.BinaryOpcode })
                {
                    string kind = opcode == Frame.TextOpcode ? "A text" : "A binary message";
                    byte[] payload = Payloads.Letters(length);
                    yield return new("5.4", $"{kind} of {length} bytes is sent in fragments of {size}", c => c
                        .Send(new Frame(opcode, payload)).ExpectFragments(opcode, payload, Cut(length, size)), profile);
                }
            }

            yield return new("5.4", $"Fragments of {size} that came do not change those that are sent", c => c
                .Send(Frame.Text("a").Unfinished(), Frame.Continuation().Unfinished(), Frame.Continuation("bcdefghij"))
                .ExpectFragments(Frame.TextOpcode, "abcdefghij"u8.ToArray(), Cut(10, size)), profile);
            yield return new("5.4", $"A text of characters cut by fragments of {size} is whole", c => c
                .Send(Frame.Text(Payloads.Characters(9)))
                .ExpectFragments(Frame.TextOpcode, Payloads.Characters(9), Cut(Payloads.Characters(9).Length, size)),
                profile);
            yield return new("5.4", $"Pings behind a message in fragments of {size} are answered", c => c
                .Send(Frame.Binary(Payloads.Bytes(300)), Frame.Ping("p"), Frame.Binary(Payloads.Bytes(20)))
                .ExpectBinary(Payloads.Bytes(300)).ExpectPong((byte)'p').ExpectBinary(Payloads.Bytes(20)), profile);
            yield return new("5.5.1", $"A close comes behind the last fragment of {size}", c => c
                .Send(Frame.Binary(Payloads.Bytes(300))).ExpectBinary(Payloads.Bytes(300))
                .Send(Frame.Close(1000)).ExpectClose(1000), profile);
        }
    }

    private static IEnumerable<int> Lengths(int size) =>
        new[] { 0, 1, size - 1, size, size + 1, (2 * size) - 1, 2 * size, (2 * size) + 1, (5 * size) + 3 }
            .Where(length => length >= 0).Distinct();

    private static int[] Cut(int length, int size) => length == 0
        ? [0]
        : [.. Enumerable.Repeat(size, (length - 1) / size), length - ((length - 1) / size * size)];
}
