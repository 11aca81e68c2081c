using System.Buffers.Binary;

namespace Tideway.Testing.Wire;

/// <summary>Decompresses the messages of the other end (RFC 1951), and fails where one refers further back than
/// was agreed.</summary>
/// <remarks>Slow and plain on purpose: no library tells how far back a stream refers.</remarks>
/// <param name="keepsContext">Whether a message refers to those before it.</param>
/// <param name="windowBits">How far back it may refer: so many bits.</param>
public sealed class Inflater(bool keepsContext, int windowBits)
{
    private static readonly byte[] _codeLengthOrder =
        [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private static readonly (int Base, int Bits)[] _lengths = [.. Ranges(3, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2,
        2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5]), (258, 0)];

    private static readonly (int Base, int Bits)[] _distances = [.. Ranges(1, [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5,
        5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13])];

    private readonly List<byte> _output = [];
    private byte[] _input = [];
    private int _position;

    /// <summary>Decompresses a message, whose last four bytes were left out (RFC 7692 §7.2.2).</summary>
    /// <param name="message">The payloads of its frames.</param>
    /// <returns>What it carries.</returns>
    /// <exception cref="WireException">It is not what the terms allow.</exception>
    public byte[] Inflate(byte[] message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!keepsContext) _output.Clear();
        if (_output.Count > 1 << 17) _output.RemoveRange(0, _output.Count - (1 << 15));
        int start = _output.Count;
        (_input, _position) = ([.. message, 0x00, 0x00, 0xFF, 0xFF], 0);
        while (_position + 7 < _input.Length * 8)
        {
            bool isLast = Bits(1) == 1;
            ReadBlock(Bits(2));
            if (isLast) _position = (_position + 7) & ~7; // RFC 7692 §7.2.3.4: another block follows.
        }

        return [.. _output.Skip(start)];
    }

    private static IEnumerable<(int Base, int Bits)> Ranges(int first, int[] bits)
    {
        foreach (int count in bits)
        {
            yield return (first, count);
            first += 1 << count;
        }
    }

    private static Dictionary<(int Length, int Code), int> Codes(ReadOnlySpan<int> lengths)
    {
        var codes = new Dictionary<(int, int), int>();
        int code = 0;
        for (int length = 1; length <= 15; length++, code <<= 1)
        {
            for (int symbol = 0; symbol < lengths.Length; symbol++)
                if (lengths[symbol] == length) codes[(length, code++)] = symbol;
        }

        return codes;
    }

    private int Bits(int count)
    {
        int value = 0;
        for (int i = 0; i < count; i++, _position++)
        {
            if (_position >= _input.Length * 8) throw new WireException("A compressed message is cut.");
            value |= ((_input[_position >> 3] >> (_position & 7)) & 1) << i;
        }

        return value;
    }

    private int Symbol(Dictionary<(int Length, int Code), int> codes)
    {
        int code = 0;
        for (int length = 1; length <= 15; length++)
        {
            code = (code << 1) | Bits(1);
            if (codes.TryGetValue((length, code), out int symbol)) return symbol;
        }

        throw new WireException("A compressed message has a code that it does not define.");
    }

    private void ReadBlock(int type)
    {
        switch (type)
        {
            case 0:
                _position = (_position + 7) & ~7;
                int length = BinaryPrimitives.ReadUInt16LittleEndian(_input.AsSpan(_position / 8));
                _output.AddRange(_input.AsSpan((_position / 8) + 4, length));
                _position += (4 + length) * 8;
                break;
            case 1:
                int[] lengths =
                [
                    .. Enumerable.Repeat(8, 144), .. Enumerable.Repeat(9, 112), .. Enumerable.Repeat(7, 24),
                    .. Enumerable.Repeat(8, 8),
                ];
                ReadSymbols(Codes(lengths), Codes([.. Enumerable.Repeat(5, 30)]));
                break;
            case 2:
                ReadDynamicBlock();
                break;
            default:
                throw new WireException("A compressed message has a block of the reserved type.");
        }
    }

    private void ReadDynamicBlock()
    {
        int literals = Bits(5) + 257;
        int distances = Bits(5) + 1;
        int[] orders = new int[19];
        int count = Bits(4) + 4;
        for (int i = 0; i < count; i++) orders[_codeLengthOrder[i]] = Bits(3);
        Dictionary<(int, int), int> codes = Codes(orders);
        var lengths = new List<int>();
        while (lengths.Count < literals + distances)
        {
            int symbol = Symbol(codes);
            if (symbol < 16) lengths.Add(symbol);
            else if (symbol == 16) lengths.AddRange(Enumerable.Repeat(lengths[^1], 3 + Bits(2)));
            else lengths.AddRange(Enumerable.Repeat(0, symbol == 17 ? 3 + Bits(3) : 11 + Bits(7)));
        }

        ReadSymbols(Codes(lengths.ToArray().AsSpan(0, literals)), Codes(lengths.ToArray().AsSpan(literals)));
    }

    private void ReadSymbols(Dictionary<(int, int), int> literals, Dictionary<(int, int), int> distances)
    {
        for (int symbol = Symbol(literals); symbol != 256; symbol = Symbol(literals))
        {
            if (symbol < 256)
            {
                _output.Add((byte)symbol);
                continue;
            }

            int length = _lengths[symbol - 257].Base + Bits(_lengths[symbol - 257].Bits);
            (int start, int bits) = _distances[Symbol(distances)];
            int distance = start + Bits(bits);
            if (distance > _output.Count || distance > 1 << windowBits)
                throw new WireException($"A compressed message refers {distance} bytes back.");
            for (int i = 0; i < length; i++) _output.Add(_output[^distance]);
        }
    }
}
