using System.IO.Compression;
using Tideway.Testing.Wire;

namespace Tideway.Conformance.Cases;

/// <summary>Compressed messages of all forms, by all terms (RFC 7692 §7.2).</summary>
internal static class CompressedMessageCases
{
    private const string Plain = "permessage-deflate";
    private const string Alone = Plain + "; server_no_context_takeover; client_no_context_takeover";

    private static readonly (Profile Profile, string Terms)[] _terms =
    [
        (Profile.Compressing, Plain),
        (Profile.Compressing, Plain + "; server_no_context_takeover"),
        (Profile.Compressing, Plain + "; client_no_context_takeover"),
        (Profile.Compressing, Plain + "; server_max_window_bits=9"),
        (Profile.Compressing, Plain + "; server_max_window_bits=10; client_max_window_bits=10"),
        (Profile.Compressing, Plain + "; server_max_window_bits=12; client_no_context_takeover"),
        (Profile.Sharing, Alone),
    ];

    public static IEnumerable<Case> All() => [.. Sizes(), .. Series(), .. Literal(), .. Levels(), .. Fragments()];

    private static IEnumerable<Case> Sizes()
    {
        foreach ((Profile profile, string terms) in _terms)
        {
            foreach (int length in new[] { 0, 1, 2, 10, 125, 126, 300, 4096, 16384, 65535, 65536, 131072 })
            {
                Frame text = Frame.Text(Payloads.Letters(length));
                Frame noise = Frame.Binary(Noise(length));
                yield return Message($"By {terms}, a text of {length} bytes comes back", terms, profile, c => c
                    .SendCompressed(text).ExpectEcho(text));
                yield return Message($"By {terms}, {length} bytes of noise come back", terms, profile, c => c
                    .SendCompressed(noise).ExpectEcho(noise));
            }

            Frame[] far =
            [
                Frame.Binary([.. Noise(300), .. Noise(300)]), Frame.Binary([.. Noise(700), .. Noise(700)]),
                Frame.Binary([.. Noise(3000), .. Noise(3000)]), Frame.Binary([.. Noise(30_000), .. Noise(30_000)]),
            ];
            yield return Message($"By {terms}, nothing refers further back than agreed", terms, profile, c => c
                .ForEach(far, (c, frame) => c.Send(frame).ExpectEcho(frame)));
        }
    }

    private static IEnumerable<Case> Series()
    {
        foreach ((Profile profile, string terms) in _terms)
        {
            int[] ten = [.. Enumerable.Range(0, 10)];
            Frame text = Frame.Text("The same words, the same words, and once more the same words.");
            yield return Message($"By {terms}, the same text comes back ten times, compressed", terms, profile, c => c
                .ForEach(ten, (c, _) => c.SendCompressed(text).ExpectCompressed(text)));
            yield return Message($"By {terms}, messages may be compressed and not in turn", terms, profile, c => c
                .ForEach(ten, (c, i) =>
                {
                    var frame = Frame.Binary([(byte)i, .. Payloads.Letters(100)]);
                    c = i % 2 == 0 ? c.SendCompressed(frame) : c.Send(frame);
                    c.ExpectEcho(frame);
                }));
            yield return Message($"By {terms}, 100 messages in a row come back in order", terms, profile, c =>
            {
                for (int i = 0; i < 100; i++) c.SendCompressed(Frame.Text($"message {i} of many messages"));
                for (int i = 0; i < 100; i++) c.ExpectText($"message {i} of many messages");
            });
            yield return Message($"By {terms}, texts, bytes, pings and nothing take turns", terms, profile, c => c
                .SendCompressed(text).Send(Frame.Ping("p")).SendCompressed(Frame.Binary())
                .SendCompressed(Frame.Text("")).Send(Frame.Text("")).SendCompressed(text)
                .ExpectEcho(text).ExpectPong((byte)'p').ExpectBinary().ExpectText("").ExpectText("").ExpectEcho(text));
        }
    }

    /// <summary>Payloads written out.</summary>
    private static IEnumerable<Case> Literal()
    {
        foreach ((string name, string hex, string text) in new[]
        {
            ("a block of fixed codes", "F2 48 CD C9 C9 07 00", "Hello"),
            ("a stored block", "00 05 00 FA FF 48 65 6C 6C 6F 00", "Hello"),
            ("a last block and an empty one", "F3 48 CD C9 C9 07 00 00", "Hello"),
            ("two blocks", "F2 48 05 00 00 00 FF FF CA C9 C9 07 00", "Hello"),
            ("an empty block", "00", ""),
            ("an empty block of fixed codes", "02 00", ""),
            ("four empty stored blocks", "00 00 00 FF FF 00 00 00 FF FF 00 00 00 FF FF 00", ""),
        })
        {
            byte[] payload = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
            Frame frame = Frame.Text(payload) with { Reserved = 4 };
            yield return Message($"The message of {name} is '{text}'", Plain, Profile.Compressing, c => c
                .Send(frame).ExpectText(text));
            yield return Message($"The message of {name}, byte by byte, is '{text}'", Plain, Profile.Compressing, c => c
                .SendChopped(1, frame).ExpectText(text));
            yield return Message($"The message of {name} twice is '{text}' twice", Alone, Profile.Sharing, c => c
                .Send(frame, frame).ExpectText(text).ExpectText(text));
        }

        yield return Message("A message refers to the one before", Plain, Profile.Compressing, c => c
            .Send(Frame.Text([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]) with { Reserved = 4 })
            .Send(Frame.Text([0xF2, 0x00, 0x11, 0x00, 0x00]) with { Reserved = 4 })
            .ExpectText("Hello").ExpectText("Hello"));
    }

    private static IEnumerable<Case> Levels()
    {
        foreach (CompressionLevel level in Enum.GetValues<CompressionLevel>())
        {
            foreach (bool keeps in new[] { true, false })
            {
                string terms = keeps ? Plain : Alone;
                Profile profile = keeps ? Profile.Compressing : Profile.Sharing;
                Frame[] frames =
                [
                    Frame.Text(Payloads.Characters(1000)), Frame.Binary(Noise(40_000)), Frame.Text("short"),
                    Frame.Binary(new byte[100_000]),
                ];
                yield return Message($"By {terms}, messages compressed at {level} come back", terms, profile, c => c
                    .Do(session =>
                    {
                        session.Deflater = new Deflater(keeps, level);
                        return Task.CompletedTask;
                    })
                    .ForEach(frames, (c, frame) => c.SendCompressed(frame).ExpectEcho(frame)));
            }
        }

        foreach (int length in new[] { 1 << 20, 4 << 20, 16 << 20 })
        {
            yield return Message($"A text of {length} bytes comes back", Plain, Profile.Compressing, c =>
            {
                Frame text = Frame.Text(new byte[length].Select((_, i) => (byte)('a' + (i / 7 % 3))).ToArray());
                c.SendCompressed(text).ExpectEcho(text);
            });
        }
    }

    private static IEnumerable<Case> Fragments()
    {
        Frame text = Frame.Text("Each fragment may cut the compressed bytes of a text wherever it likes: é€𝄞.");
        foreach ((Profile profile, string terms) in new[] { (Profile.Compressing, Plain), (Profile.Sharing, Alone) })
        {
            for (int length = 0; length < 40; length++)
            {
                int first = length;
                yield return Message($"By {terms}, a message cut after byte {first} comes back", terms, profile, c => c
                    .SendCompressed(text, first).ExpectEcho(text));
            }

            yield return Message($"By {terms}, a message of fragments of one byte comes back", terms, profile, c => c
                .SendCompressed(text, [.. Enumerable.Repeat(1, 200)]).ExpectEcho(text));
            yield return Message($"By {terms}, a message may have fragments of no bytes", terms, profile, c => c
                .SendCompressed(text, 0, 0, 5, 0, 3, 0, 0).ExpectEcho(text).SendCompressed(text, 0).ExpectEcho(text));
            yield return Message($"By {terms}, pings between compressed fragments are answered", terms, profile, c => c
                .Do(async session =>
                {
                    byte[] bytes = session.Deflater!.Deflate(text.Payload);
                    await session.SendFramesAsync(
                        Frame.Text(bytes[..9]).Unfinished() with { Reserved = 4 }, Frame.Ping("p"), Frame.Pong(1),
                        Frame.Continuation(bytes[9..]));
                })
                .ExpectPong((byte)'p').ExpectEcho(text));
        }

        foreach (int length in new[] { 10, 1000, 20_000 })
        {
            Frame noise = Frame.Binary(Noise(length));
            yield return Message($"{length} bytes are sent compressed in fragments", Plain,
                Profile.FragmentingCompressed, c => c
                .SendCompressed(noise).ExpectEcho(noise).Send(noise).ExpectEcho(noise));
        }
    }

    private static Case Message(string title, string terms, Profile profile, Action<Script> write) =>
        new("RFC 7692 §7.2", title, write, profile) { Extension = terms };

    private static byte[] Noise(int length)
    {
        byte[] bytes = new byte[length];
        uint state = 12345;
        for (int i = 0; i < length; i++)
        {
            state = (state * 1664525) + 1013904223;
            bytes[i] = (byte)(state >> 24);
        }

        return bytes;
    }
}
