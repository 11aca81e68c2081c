using System.Text.Unicode;

namespace Tideway.WebSockets.Framing;

/// <summary>Validates UTF-8 that comes in pieces, and fails at the first byte that no valid text could have
/// there.</summary>
/// <remarks>A mutable value: keep it in a field. A fresh one is at the start of a text. RFC 3629 §4, RFC 6455
/// §8.1.</remarks>
public struct Utf8Validator
{
    // An unfinished character: how many continuation bytes it still needs, and the range of the next one, which is
    // narrower than 80..BF right after E0, ED, F0 and F4 (no over-long forms, surrogates, or beyond U+10FFFF).
    private byte _missing;
    private byte _low;
    private byte _high;

    /// <summary>Tells whether the text so far ends between two characters.</summary>
    public readonly bool IsComplete => _missing == 0;

    /// <summary>Takes the next piece; false when the text can no longer be valid.</summary>
    public bool Append(ReadOnlySpan<byte> piece)
    {
        int start = 0;
        while (_missing > 0 && start < piece.Length)
            if (!AppendByte(piece[start++])) return false;

        int end = piece.Length - UnfinishedTail(piece[start..]);
        if (!Utf8.IsValid(piece[start..end])) return false;
        while (end < piece.Length)
            if (!AppendByte(piece[end++])) return false;
        return true;
    }

    private bool AppendByte(byte value)
    {
        if (_missing == 0) return BeginCharacter(value);
        if (value < _low || value > _high) return false;
        (_missing, _low, _high) = ((byte)(_missing - 1), 0x80, 0xBF);
        return true;
    }

    private bool BeginCharacter(byte lead)
    {
        if (lead < 0x80) return true;
        (int missing, int low, int high) = lead switch
        {
            >= 0xC2 and <= 0xDF => (1, 0x80, 0xBF),
            0xE0 => (2, 0xA0, 0xBF),
            0xED => (2, 0x80, 0x9F),
            >= 0xE1 and <= 0xEF => (2, 0x80, 0xBF),
            0xF0 => (3, 0x90, 0xBF),
            0xF4 => (3, 0x80, 0x8F),
            >= 0xF1 and <= 0xF3 => (3, 0x80, 0xBF),
            _ => default,
        };
        (_missing, _low, _high) = ((byte)missing, (byte)low, (byte)high);
        return missing > 0;
    }

    /// <summary>Counts the bytes at the end that begin a character and do not finish it: 0 to 3.</summary>
    private static int UnfinishedTail(ReadOnlySpan<byte> piece)
    {
        for (int back = 1; back <= 3 && back <= piece.Length; back++)
        {
            byte value = piece[^back];
            if (value < 0x80) return 0;
            if (value < 0xC0) continue;
            int length = value >= 0xF0 ? 4 : value >= 0xE0 ? 3 : 2;
            return back < length ? back : 0;
        }

        return 0;
    }
}
