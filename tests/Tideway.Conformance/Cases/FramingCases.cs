using Tideway.Conformance.Wire;
using Tideway.Testing.Wire;

namespace Tideway.Conformance.Cases;

/// <summary>Lengths in all their encodings, and masks.</summary>
internal static class FramingCases
{
    private static readonly int[] _lengths =
        [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 63, 64, 124, 125, 126, 127, 128, 129, 255, 256, 1023, 4096, 16383,
            16384, 32767, 32768, 65534, 65535, 65536, 65537, 131072];

    private static readonly Frame[] _kinds =
    [
        Frame.Text("kind"), Frame.Binary(1, 2, 3, 4), Frame.Close(1000), Frame.Ping("kind"), Frame.Pong(1, 2, 3, 4),
    ];

    public static IEnumerable<Case> All() => [.. Echoes(), .. WrongLengths(), .. Masks(), .. Cuts()];

    private static IEnumerable<Case> Echoes()
    {
        foreach (int length in _lengths)
        {
            yield return new("5.6", $"A text of {length} bytes comes back in the shortest form", c => c
                .Send(Frame.Text(Payloads.Letters(length))).ExpectText(Payloads.Letters(length)));
            yield return new("5.6", $"A binary message of {length} bytes comes back in the shortest form", c => c
                .Send(Frame.Binary(Payloads.Bytes(length))).ExpectBinary(Payloads.Bytes(length)));
        }

        yield return new("5.6", "Each message keeps its own kind", c => c
            .Send(Frame.Text("a"), Frame.Binary(1), Frame.Text("b"), Frame.Binary(0xFF), Frame.Text(""))
            .ExpectText("a").ExpectBinary(1).ExpectText("b").ExpectBinary(0xFF).ExpectText(""));
    }

    private static IEnumerable<Case> WrongLengths()
    {
        foreach ((LengthForm form, int[] lengths) in new[]
        {
            (LengthForm.SixteenBits, new[] { 0, 1, 124, 125 }),
            (LengthForm.SixtyFourBits, [0, 1, 125, 126, 1000, 65534, 65535]),
        })
        {
            foreach (int length in lengths)
            {
                byte[] payload = Payloads.Letters(length);
                yield return new("5.2", $"The length {length} in {form} of a text fails the connection", c => c
                    .Send(Frame.Text(payload) with { Form = form }).ExpectFailure(1002));
                yield return new("5.2", $"The length {length} in {form} of bytes fails the connection", c => c
                    .Send(Frame.Binary(payload) with { Form = form }).ExpectFailure(1002));
                yield return new("5.2", $"The length {length} in {form} of a continuation fails the connection", c => c
                    .Send(Frame.Binary(1).Unfinished(), Frame.Continuation(payload) with { Form = form })
                    .ExpectFailure(1002));
                if (length > 125) continue;
                yield return new("5.5", $"The length {length} in {form} of a ping fails the connection", c => c
                    .Send(Frame.Ping(payload) with { Form = form }).ExpectFailure(1002));
                yield return new("5.5", $"The length {length} in {form} of a pong fails the connection", c => c
                    .Send(Frame.Pong(payload) with { Form = form }).ExpectFailure(1002));
            }
        }

        foreach (ulong length in new[] { 1UL << 63, (1UL << 63) + 5, ulong.MaxValue })
        {
            foreach (Frame kind in new[] { Frame.Text([]), Frame.Binary() })
            {
                yield return new("5.2", $"The length {length} of a {kind} has its top bit set and fails", c => c
                    .SendBegun(kind with { DeclaredLength = length, Form = LengthForm.SixtyFourBits }, 0)
                    .ExpectFailure(1002));
            }
        }

        foreach (ulong length in new[] { (ulong)long.MaxValue, 1UL << 62, 1UL << 32, 1UL << 31, 1UL << 25 })
        {
            yield return new("7.4.1", $"A length of {length} is too big, at the header", c => c
                .SendBegun(Frame.Binary() with { DeclaredLength = length, Form = LengthForm.SixtyFourBits }, 0)
                .ExpectFailure(1009));
            yield return new("7.4.1", $"A continuation of {length} is too big, at the header", c => c
                .Send(Frame.Binary(1).Unfinished())
                .SendBegun(Frame.Continuation() with { DeclaredLength = length, Form = LengthForm.SixtyFourBits }, 0)
                .ExpectFailure(1009));
        }
    }

    private static IEnumerable<Case> Masks()
    {
        foreach (Frame kind in _kinds)
        {
            yield return new("5.1", $"A {kind} that is masked wrongly fails the connection", c => c
                .Send(kind with { WronglyMasked = true }).ExpectFailure(1002));
            yield return new("5.1", $"A {kind} that is masked wrongly fails the connection at its second byte", c => c
                .SendFirstBytes(kind with { WronglyMasked = true }, 2).ExpectFailure(1002));
        }

        yield return new("5.1", "A continuation that is masked wrongly fails the connection", c => c
            .Send(Frame.Text("a").Unfinished(), Frame.Continuation("b") with { WronglyMasked = true })
            .ExpectFailure(1002));
        yield return new("5.1", "A frame of no bytes that is masked wrongly fails the connection", c => c
            .Send(Frame.Text("") with { WronglyMasked = true }).ExpectFailure(1002));
        yield return new("5.1", "A wrong mask behind right ones fails the connection", c => c
            .Send(Frame.Text("right")).ExpectText("right")
            .Send(Frame.Text("wrong") with { WronglyMasked = true }).ExpectFailure(1002));

        foreach (uint key in new uint[] { 0, 0xFFFFFFFF, 1, 0x80000000, 0x00FF00FF, 0x61626364 })
        {
            foreach (int length in new[] { 1, 3, 4, 5, 63, 64, 65, 1000, 70_001 })
            {
                yield return new("5.3", $"The key {key:X8} unmasks {length} bytes", c => c
                    .Send(Frame.Binary(Payloads.Bytes(length)) with { Key = key })
                    .ExpectBinary(Payloads.Bytes(length)), Roles: Roles.Server);
            }
        }

        yield return new("5.3", "Each frame is unmasked with its own key from its own beginning", c => c
            .Send(
                Frame.Binary(1, 2, 3).Unfinished() with { Key = 0x01020304 },
                Frame.Continuation(4, 5, 6, 7, 8).Unfinished() with { Key = 0xF0E0D0C0 },
                Frame.Ping(9, 10) with { Key = 0x0A0B0C0D },
                Frame.Continuation(11) with { Key = 0x99887766 })
            .ExpectPong(9, 10).ExpectBinary(1, 2, 3, 4, 5, 6, 7, 8, 11), Roles: Roles.Server);
        yield return new("5.3", "A client takes a fresh key for each frame", c => c
            .Send([.. Enumerable.Range(0, 20).Select(i => Frame.Binary((byte)i))])
            .Do(async session =>
            {
                for (int i = 0; i < 20; i++) await session.ReadMessageAsync();
                if (session.Keys.Count < 20) throw new CaseFailedException($"Only {session.Keys.Count} keys.");
            }), Roles: Roles.Client);
        yield return new("5.3", "A client takes a fresh key for each fragment, ping, pong and close", c => c
            .Send(Frame.Binary(Payloads.Bytes(50)), Frame.Ping())
            .Do(async session =>
            {
                await session.ReadMessageAsync();
                await session.ReadControlAsync();
                if (session.Keys.Count < 9) throw new CaseFailedException($"Only {session.Keys.Count} keys.");
            }), Profile.Fragmenting[7], Roles: Roles.Client);
    }

    /// <summary>The transport ends where it must not.</summary>
    private static IEnumerable<Case> Cuts()
    {
        Frame frame = Frame.Text(Payloads.Letters(200));
        foreach (int count in new[] { 1, 2, 3, 4, 6, 100 })
        {
            yield return new("7.1.1", $"An end of the transport {count} bytes into a frame ends the connection", c => c
                .SendFirstBytes(frame, count).EndSending().ExpectBareEnd());
        }

        yield return new("7.1.1", "An end of the transport between two frames ends the connection", c => c
            .Send(Frame.Text("last")).ExpectText("last").EndSending().ExpectBareEnd());
        yield return new("7.1.1", "An end of the transport between two fragments ends the connection", c => c
            .Send(Frame.Text("begun").Unfinished()).EndSending().ExpectBareEnd());
    }
}
