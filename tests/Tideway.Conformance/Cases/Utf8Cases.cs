using Tideway.Conformance.Wire;
using Tideway.Testing.Wire;

namespace Tideway.Conformance.Cases;

/// <summary>Text that is UTF-8, text that is not, and where that can first be seen (RFC 3629).</summary>
internal static class Utf8Cases
{
    /// <summary>Valid sequences, in hexadecimal.</summary>
    private static readonly (string Name, string Bytes)[] _valid =
    [
        ("no bytes", ""),
        ("NUL", "00"),
        ("DEL", "7F"),
        ("U+0080, the first of two bytes", "C2 80"),
        ("U+07FF, the last of two bytes", "DF BF"),
        ("U+0800, the first of three bytes", "E0 A0 80"),
        ("U+0FFF", "E0 BF BF"),
        ("U+1000", "E1 80 80"),
        ("U+CFFF", "EC BF BF"),
        ("U+D7FF, before the surrogates", "ED 9F BF"),
        ("U+E000, behind the surrogates", "EE 80 80"),
        ("U+FDD0, a noncharacter", "EF B7 90"),
        ("U+FEFF, the byte order mark", "EF BB BF"),
        ("U+FFFD, the replacement character", "EF BF BD"),
        ("U+FFFE, a noncharacter", "EF BF BE"),
        ("U+FFFF, the last of three bytes", "EF BF BF"),
        ("U+10000, the first of four bytes", "F0 90 80 80"),
        ("U+1FFFE, a noncharacter", "F0 9F BF BE"),
        ("U+3FFFF", "F0 BF BF BF"),
        ("U+40000", "F1 80 80 80"),
        ("U+FFFFF", "F3 BF BF BF"),
        ("U+100000", "F4 80 80 80"),
        ("U+10FFFF, the last", "F4 8F BF BF"),
        ("a Greek word", "CE BA E1 BD B9 CF 83 CE BC CE B5"),
        ("characters of all lengths", "61 C3 A9 E2 82 AC F0 9D 84 9E 7A"),
        ("characters of all lengths, back", "F0 9D 84 9E E2 82 AC C3 A9 61"),
        ("combining marks", "65 CC 81 CC 81"),
        ("words and line ends", "48 C3 A9 6C 6C C3 B6 0D 0A F0 9F 98 80"),
    ];

    /// <summary>Invalid sequences, in hexadecimal, with a mark before the first byte that no valid text could have
    /// there.</summary>
    private static readonly (string Name, string Bytes)[] _invalid =
    [
        ("a continuation byte alone", "!80"),
        ("the last continuation byte alone", "!BF"),
        ("a continuation byte too many", "C3 A9 !A9"),
        ("a continuation byte behind ASCII", "61 !80 61"),
        ("C0 80, an over-long NUL", "!C0 80"),
        ("C0 AF, an over-long slash", "!C0 AF"),
        ("C1 BF, an over-long DEL", "!C1 BF"),
        ("E0 80 80, an over-long NUL", "E0 !80 80"),
        ("E0 80 AF, an over-long slash", "E0 !80 AF"),
        ("E0 9F BF, an over-long U+07FF", "E0 !9F BF"),
        ("F0 80 80 80, an over-long NUL", "F0 !80 80 80"),
        ("F0 80 80 AF, an over-long slash", "F0 !80 80 AF"),
        ("F0 8F BF BF, an over-long U+FFFF", "F0 !8F BF BF"),
        ("U+D800, the first surrogate", "ED !A0 80"),
        ("U+DB7F", "ED !AD BF"),
        ("U+DB80", "ED !AE 80"),
        ("U+DBFF, the last high surrogate", "ED !AF BF"),
        ("U+DC00, the first low surrogate", "ED !B0 80"),
        ("U+DFFF, the last surrogate", "ED !BF BF"),
        ("a pair of surrogates", "ED !A0 81 ED B0 80"),
        ("a surrogate behind text", "CE BA E1 BD B9 ED !A0 80 65"),
        ("U+110000, beyond the last", "F4 !90 80 80"),
        ("U+13FFFF", "F4 !BF BF BF"),
        ("U+140000", "!F5 80 80 80"),
        ("five bytes", "!F8 88 80 80 80"),
        ("six bytes", "!FC 84 80 80 80 80"),
        ("FE", "!FE"),
        ("FF", "!FF"),
        ("FE FE FF FF", "!FE FE FF FF"),
        ("FF behind text", "48 C3 A9 !FF 21"),
        ("a character of two bytes cut by ASCII", "C3 !41"),
        ("a character of three bytes cut by ASCII after one", "E2 !41"),
        ("a character of three bytes cut by ASCII after two", "E2 82 !41"),
        ("a character of four bytes cut by ASCII after one", "F0 !41"),
        ("a character of four bytes cut by ASCII after two", "F0 9D !41"),
        ("a character of four bytes cut by ASCII after three", "F0 9D 84 !41"),
        ("a character of two bytes cut by another", "C3 !C3 A9"),
        ("a character of three bytes cut by another", "E2 82 !E2 82 AC"),
        ("a character of four bytes cut by another", "F0 9D 84 !F0 9D 84 9E"),
        ("Latin 1", "6D FC 72 62 65".Replace("FC", "!FC", StringComparison.Ordinal)),
        ("UTF-16", "!FF FE 61 00"),
        ("bad behind characters of all lengths", "61 C3 A9 E2 82 AC F0 9D 84 9E !FF"),
    ];

    /// <summary>Text that ends too early.</summary>
    private static readonly string[] _unfinished =
        ["C3", "DF", "E0", "E0 A0", "E2", "E2 82", "ED", "ED 9F", "EF BF", "F0", "F0 9D", "F0 9D 84", "F4 8F BF",
            "61 62 C3", "C3 A9 E2 82", "F0 9D 84 9E F0 9D 84"];

    public static IEnumerable<Case> All() =>
        [.. Valid(), .. Invalid(), .. ImpossibleBytes(), .. Unfinished(), .. Rest()];

    private static IEnumerable<Case> Valid()
    {
        foreach ((string name, string hex) in _valid)
        {
            byte[] bytes = Parse(hex);
            yield return new("8.1", $"A text may be {name}", c => c
                .Send(Frame.Text(bytes)).ExpectText(bytes));
            yield return new("8.1", $"A text may be {name}, each byte in a frame of its own", c => c
                .Send([.. EachByte(bytes, finished: true)]).ExpectText(bytes));
            yield return new("8.1", $"A text may be {name}, byte by byte between pings", c => c
                .ForEach(EachByte(bytes, true), (c, frame) => c.Send(Frame.Ping("p"), frame).ExpectPong((byte)'p'))
                .ExpectText(bytes));
            yield return new("8.1", $"A long text may have {name} across any boundary", c => c
                .Send([.. Shifted(bytes).Select(Frame.Text)])
                .Do(async session =>
                {
                    foreach (byte[] text in Shifted(bytes))
                    {
                        if (!(await session.ReadMessageAsync()).Payload.AsSpan().SequenceEqual(text))
                            throw new CaseFailedException("Another text came back.");
                    }
                }));
        }
    }

    private static IEnumerable<Case> Invalid()
    {
        foreach ((string name, string hex) in _invalid)
        {
            byte[] bytes = Parse(hex);
            byte[] impossible = bytes[..(Parse(hex[..hex.IndexOf('!', StringComparison.Ordinal)]).Length + 1)];
            yield return new("8.1", $"A text must not be {name}", c => c
                .Send(Frame.Text(bytes)).ExpectFailure(1007));
            yield return new("8.1", $"A text must not be {name}, each byte in a frame of its own", c => c
                .Send([.. EachByte(bytes, finished: true)]).ExpectFailure(1007));
            yield return new("8.1", $"In an unfinished message, {name} fails at the first impossible byte", c => c
                .Send([.. EachByte(impossible, finished: false)]).ExpectFailure(1007));
            yield return new("8.1", $"In an unfinished frame, {name} fails at the first impossible byte", c => c
                .SendBegun(Frame.Text([.. impossible, .. Payloads.Letters(300)]), impossible.Length)
                .ExpectFailure(1007));
            yield return new("8.1", $"Behind 5000 letters, {name} fails at the first impossible byte", c => c
                .Send(Frame.Text(Payloads.Letters(5000)).Unfinished())
                .SendBegun(Frame.Continuation([.. impossible, .. Payloads.Letters(300)]), impossible.Length)
                .ExpectFailure(1007));
            yield return new("5.6", $"A binary message may be {name}", c => c
                .Send(Frame.Binary(bytes)).ExpectBinary(bytes));
        }
    }

    private static IEnumerable<Case> ImpossibleBytes()
    {
        for (int value = 0x80; value <= 0xFF; value++)
        {
            byte lead = (byte)value;
            if (lead is >= 0xC2 and <= 0xF4) continue;
            yield return new("8.1", $"No character begins with {lead:X2}", c => c
                .SendBegun(Frame.Text([(byte)'a', lead, .. Payloads.Letters(10)]), 2).ExpectFailure(1007));
        }
    }

    private static IEnumerable<Case> Unfinished()
    {
        foreach (string hex in _unfinished)
        {
            byte[] bytes = Parse(hex);
            yield return new("8.1", $"A text must not end with {hex}", c => c
                .Send(Frame.Text(bytes)).ExpectFailure(1007));
            yield return new("8.1", $"A text must not end with {hex}, each byte in a frame of its own", c => c
                .Send([.. EachByte(bytes, finished: true)]).ExpectFailure(1007));
            yield return new("8.1", $"A text in fragments must not end with {hex} and a frame of no bytes", c => c
                .Send(Frame.Text(bytes).Unfinished(), Frame.Ping("p")).ExpectPong((byte)'p')
                .Send(Frame.Continuation()).ExpectFailure(1007));
        }
    }

    private static IEnumerable<Case> Rest()
    {
        yield return new("8.1", "A text does not go on with what the last one lacked", c => c
            .Send(Frame.Text([0xC3]), Frame.Text([0xA9])).ExpectFailure(1007));
        yield return new("8.1", "A character cut by frames is whole though a ping has such bytes", c => c
            .Send(Frame.Text([0xE2, 0x82]).Unfinished(), Frame.Ping(0xFF), Frame.Continuation(0xAC))
            .ExpectPong(0xFF).ExpectText("€"));
        yield return new("8.1", "What came before a bad text was answered", c => c
            .Send(Frame.Text("good"), Frame.Ping("p")).ExpectText("good").ExpectPong((byte)'p')
            .Send(Frame.Text([0xFF])).ExpectFailure(1007));
        foreach (int repeats in new[] { 100, 10_000 })
        {
            byte[] text = Payloads.Characters(repeats);
            yield return new("8.1", $"A text of {text.Length} bytes with characters of all lengths comes back", c => c
                .Send(Frame.Text(text)).ExpectText(text));
            yield return new("8.1", $"A text of {text.Length} bytes fails though only its last is bad", c => c
                .Send(Frame.Text([.. text, 0xFF])).ExpectFailure(1007));
            yield return new("8.1", $"A text of {text.Length} bytes fails though only its last is missing", c => c
                .Send(Frame.Text(text[..^1])).ExpectFailure(1007));
        }
    }

    private static byte[] Parse(string hex) => Convert.FromHexString(string.Concat(hex.Split(' ', '!')));

    private static IEnumerable<Frame> EachByte(byte[] bytes, bool finished)
    {
        for (int i = 0; i < Math.Max(1, bytes.Length); i++)
        {
            byte[] payload = bytes.Length == 0 ? [] : [bytes[i]];
            Frame frame = i == 0 ? Frame.Text(payload) : Frame.Continuation(payload);
            yield return finished && i >= bytes.Length - 1 ? frame : frame.Unfinished();
        }
    }

    /// <summary>The sequence with letters before and behind it, at every offset of a vector.</summary>
    private static IEnumerable<byte[]> Shifted(byte[] bytes) => Enumerable.Range(0, 40).Select(
        offset => (byte[])[.. Payloads.Letters(offset), .. bytes, .. Payloads.Letters(70 - offset)]);
}
