using Tideway.Conformance.Wire;
using Tideway.Testing.Wire;

namespace Tideway.Conformance.Cases;

/// <summary>Messages up to the limit and beyond, in few large frames and in many small ones.</summary>
internal static class LimitCases
{
    private const int KiB = 1024;
    private const int MiB = 1024 * KiB;

    public static IEnumerable<Case> All() => [.. Large(), .. Fragmented(), .. Chopped(), .. Many(), .. Beyond()];

    private static IEnumerable<Case> Large()
    {
        foreach (int length in new[] { 64 * KiB, 256 * KiB, MiB, 4 * MiB, 8 * MiB, Profile.Largest })
        {
            yield return new("5.6", $"A text of {Name(length)} comes back", c =>
            {
                Frame text = Frame.Text(Payloads.Letters(length));
                c.Send(text).ExpectEcho(text);
            });
            yield return new("5.6", $"A binary message of {Name(length)} comes back", c =>
            {
                Frame bytes = Frame.Binary(Payloads.Bytes(length));
                c.Send(bytes).ExpectEcho(bytes);
            });
        }
    }

    private static IEnumerable<Case> Fragmented()
    {
        foreach (int size in new[] { 64, 256, KiB, 4 * KiB, 16 * KiB, 64 * KiB, 256 * KiB, 512 * KiB })
        {
            yield return new("5.4", $"A text of 1 MiB in frames of {Name(size)} comes back", c =>
            {
                Frame text = Frame.Text(Payloads.Letters(MiB));
                c.Send([.. Split(text, size)]).ExpectEcho(text);
            });
            yield return new("5.4", $"A binary message of 1 MiB in frames of {Name(size)} comes back", c =>
            {
                Frame bytes = Frame.Binary(Payloads.Bytes(MiB));
                c.Send([.. Split(bytes, size)]).ExpectEcho(bytes);
            });
        }
    }

    private static IEnumerable<Case> Chopped()
    {
        foreach (int size in new[] { 64, 128, 256, 512, KiB, 2 * KiB, 10_000, 64 * KiB })
        {
            yield return new("5.2", $"A text of 256 KiB in pieces of {Name(size)} comes back", c =>
            {
                Frame text = Frame.Text(Payloads.Letters(256 * KiB));
                c.SendChopped(size, text).ExpectEcho(text);
            });
            yield return new("5.2", $"A binary message of 256 KiB in pieces of {Name(size)} comes back", c =>
            {
                Frame bytes = Frame.Binary(Payloads.Bytes(256 * KiB));
                c.SendChopped(size, bytes).ExpectEcho(bytes);
            });
        }
    }

    private static IEnumerable<Case> Many()
    {
        foreach (int length in new[] { 0, 16, 64, 256, KiB, 4 * KiB })
        {
            yield return new("5.6", $"100 texts of {length} bytes come back one by one", c =>
            {
                Frame text = Frame.Text(Payloads.Letters(length));
                for (int i = 0; i < 100; i++) c.Send(text).ExpectEcho(text);
            });
            yield return new("5.6", $"1000 binary messages of {length} bytes in one piece come back in order", c =>
            {
                Frame bytes = Frame.Binary(Payloads.Bytes(length));
                c.Do(session => Task.WhenAll(
                    session.SendFramesAsync([.. Enumerable.Repeat(bytes, 1000)]), ReadAllAsync(session, bytes, 1000)));
            });
        }
    }

    private static IEnumerable<Case> Beyond()
    {
        foreach (int code in new[] { Frame.TextOpcode, Frame.BinaryOpcode })
        {
            foreach (int length in new[] { 999, 1000 })
            {
                yield return new("7.4.1", $"A {length}-byte message of opcode {code} is within a limit of 1000", c => c
                    .Send(new Frame(code, Payloads.Letters(length))).ExpectMessage(code, Payloads.Letters(length)),
                    Profile.Small);
            }

            yield return new("7.4.1", $"Fragments of opcode {code} may add up to the limit exactly", c => c
                .Send([.. Split(new Frame(code, Payloads.Letters(1000)), 100)])
                .ExpectMessage(code, Payloads.Letters(1000)), Profile.Small);
            foreach (int length in new[] { 1001, 2000, 70_000 })
            {
                yield return new("7.4.1", $"A {length}-byte message of opcode {code} is too big", c => c
                    .Send(new Frame(code, Payloads.Letters(length))).ExpectFailure(1009), Profile.Small);
                yield return new("7.4.1", $"A {length}-byte message of opcode {code} is too big at its header", c => c
                    .SendBegun(new Frame(code, Payloads.Letters(length)), 0).ExpectFailure(1009), Profile.Small);
                yield return new("7.4.1", $"Fragments of opcode {code} of {length} bytes are too big", c => c
                    .Send([.. Split(new Frame(code, Payloads.Letters(length)), 100)]).ExpectFailure(1009),
                    Profile.Small);
                yield return new("7.4.1", $"A second fragment of opcode {code} up to {length} bytes is too big", c => c
                    .Send(new Frame(code, Payloads.Letters(900)).Unfinished())
                    .SendBegun(Frame.Continuation(Payloads.Letters(length - 900)), 0).ExpectFailure(1009),
                    Profile.Small);
            }

            yield return new("7.4.1", $"A message of opcode {code} of 16 MiB and one byte is too big", c => c
                .SendBegun(new Frame(code, []) { DeclaredLength = Profile.Largest + 1 }, 0).ExpectFailure(1009));
        }

        yield return new("7.4.1", "What came before a message that is too big was answered", c => c
            .Send(Frame.Text("fits"), Frame.Ping("p")).ExpectText("fits").ExpectPong((byte)'p')
            .Send(Frame.Text(Payloads.Letters(1001))).ExpectFailure(1009), Profile.Small);
        yield return new("7.4.1", "The limit is of a message, not of all", c => c
            .Send(Frame.Text(Payloads.Letters(1000)), Frame.Text(Payloads.Letters(999)))
            .ExpectText(Payloads.Letters(1000)).ExpectText(Payloads.Letters(999)), Profile.Small);
    }

    private static async Task ReadAllAsync(Session session, Frame expected, int count)
    {
        for (int i = 0; i < count; i++)
        {
            WireMessage message = await session.ReadMessageAsync();
            if (message.Opcode != expected.Opcode || !message.Payload.AsSpan().SequenceEqual(expected.Payload))
                throw new CaseFailedException($"Message {i} is another: {message}.");
        }
    }

    private static IEnumerable<Frame> Split(Frame whole, int size)
    {
        for (int start = 0; start < whole.Payload.Length; start += size)
        {
            int end = Math.Min(whole.Payload.Length, start + size);
            yield return new Frame(start == 0 ? whole.Opcode : Frame.ContinuationOpcode, whole.Payload[start..end])
            {
                Fin = end == whole.Payload.Length,
            };
        }
    }

    private static string Name(int length) =>
        length % MiB == 0 ? $"{length / MiB} MiB" : length % KiB == 0 ? $"{length / KiB} KiB" : $"{length} bytes";
}
