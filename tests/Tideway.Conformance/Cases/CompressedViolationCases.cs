using Tideway.Testing.Wire;

namespace Tideway.Conformance.Cases;

/// <summary>Compressed messages that are none, too big, or not text.</summary>
internal static class CompressedViolationCases
{
    private const string Plain = "permessage-deflate";
    private const string Alone = Plain + "; server_no_context_takeover; client_no_context_takeover";
    private static readonly (Profile Profile, string Terms)[] _terms =
        [(Profile.Compressing, Plain), (Profile.Sharing, Alone)];

    public static IEnumerable<Case> All() => [.. Bits(), .. Bytes(), .. Texts(), .. Limits()];

    private static IEnumerable<Case> Bits()
    {
        foreach (Frame control in new[] { Frame.Ping("p"), Frame.Pong(1), Frame.Close(1000) })
        {
            yield return Wrong("RFC 7692 §6.1", $"RSV1 of a {control} fails the connection", 1002, c => c
                .Send(control with { Reserved = 4 }));
        }

        for (int bits = 1; bits < 8; bits++)
        {
            int reserved = bits;
            if (bits != 4)
            {
                yield return Wrong("5.2", $"The reserved bits {bits} of a text fail the connection", 1002, c => c
                    .Send(Frame.Text([0]) with { Reserved = reserved }));
            }

            yield return Wrong("RFC 7692 §6.1", $"The reserved bits {bits} of a continuation fail", 1002, c => c
                .Send(Frame.Text([0xF2]).Unfinished() with { Reserved = 4 })
                .Send(Frame.Continuation(0x48) with { Reserved = reserved }));
            yield return Wrong("RFC 7692 §6.1", $"The reserved bits {bits} inside a plain message fail", 1002,
                c => c.Send(Frame.Text("a").Unfinished(), Frame.Continuation("b") with { Reserved = reserved }));
        }
    }

    private static IEnumerable<Case> Bytes()
    {
        foreach ((string name, string hex) in new[]
        {
            ("a block of the reserved type", "07"),
            ("no byte at all", ""),
            ("a stored block whose lengths differ", "00 05 00 FF FF 48 65 6C 6C 6F 00"),
            ("a stored block that is cut", "00 05 00 FA FF 48 65"),
            ("a block that is cut", "F2 48 CD"),
            ("a reference before the beginning", "F2 00 11 00 00"),
            ("text in place of compressed bytes", "48 65 6C 6C 6F"),
            ("bytes of FF", "FF FF FF FF"),
        })
        {
            byte[] payload = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
            foreach ((Profile profile, string terms) in _terms)
            {
                yield return Wrong("RFC 7692 §6.2", $"By {terms}, {name} fails the connection", 1007, c => c
                    .Send(Frame.Binary(payload) with { Reserved = 4 }), profile, terms);
            }
        }

        yield return Wrong("RFC 7692 §7.2.3.2", "Where each message is by itself, none refers to another", 1007, c => c
            .Send(Frame.Text([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]) with { Reserved = 4 }).ExpectText("Hello")
            .Send(Frame.Text([0xF2, 0x00, 0x11, 0x00, 0x00]) with { Reserved = 4 }), Profile.Sharing, Alone);
        yield return Wrong("RFC 7692 §6.2", "In an unfinished message, what cannot be decompressed fails", 1007, c => c
            .Send(Frame.Binary(0x07, 0x00, 0x00).Unfinished() with { Reserved = 4 }));
    }

    private static IEnumerable<Case> Texts()
    {
        foreach (string hex in new[] { "FF", "C0AF", "EDA080", "F4908080", "E282", "61C3", "80" })
        {
            Frame text = Frame.Text(Convert.FromHexString(hex));
            yield return Wrong("8.1", $"The compressed text {hex} fails the connection", 1007, c => c
                .SendCompressed(text));
            yield return Wrong("8.1", $"The compressed text {hex} fails the connection in fragments", 1007, c => c
                .SendCompressed(text, 1, 1, 1));
            yield return Right("5.6", $"Compressed bytes may be {hex}", Profile.Compressing, c => c
                .SendCompressed(Frame.Binary(text.Payload)).ExpectBinary(text.Payload));
        }

        yield return Wrong("8.1", "An impossible byte in an unfinished compressed text fails", 1007, c => c
            .Do(session => session.SendFramesAsync(
                Frame.Text(session.Deflater!.Deflate([0x61, 0xFF, .. Payloads.Letters(50)])).Unfinished()
                with
                { Reserved = 4 })));
    }

    private static IEnumerable<Case> Limits()
    {
        foreach (int length in new[] { 999, 1000 })
        {
            Frame text = Frame.Text(Payloads.Letters(length));
            yield return Right(
                "7.4.1", $"Compressed, {length} bytes are within a limit of 1000", Profile.SmallCompressing, c => c
                .SendCompressed(text).ExpectEcho(text));
        }

        foreach (int length in new[] { 1001, 1100, 5000, 100_000, 10_000_000 })
        {
            yield return Wrong("7.4.1", $"Compressed, {length} bytes are beyond a limit of 1000", 1009, c => c
                .SendCompressed(Frame.Binary(new byte[length])), Profile.SmallCompressing);
            yield return Wrong("7.4.1", $"In fragments, {length} bytes are beyond a limit of 1000", 1009, c => c
                .SendCompressed(Frame.Binary(new byte[length]), 1, 1, 1, 1, 1), Profile.SmallCompressing);
        }

        yield return Wrong("7.4.1", "An unfinished message is beyond the limit as soon as its bytes are", 1009, c => c
            .Do(session => session.SendFramesAsync(
                Frame.Binary(session.Deflater!.Deflate(new byte[1001])).Unfinished() with { Reserved = 4 })),
            Profile.SmallCompressing);
    }

    private static Case Right(string section, string title, Profile profile, Action<Script> write) =>
        new(section, title, write, profile) { Extension = Plain };

    private static Case Wrong(
        string section, string title, int code, Action<Script> write, Profile? profile = null, string terms = Plain) =>
        new(
            section,
            title,
            c =>
            {
                write(c);
                c.ExpectFailure(code);
            },
            profile ?? Profile.Compressing)
        {
            Extension = terms,
        };
}
