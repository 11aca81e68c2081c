using System.Buffers.Binary;

namespace Tideway.Fuzz.Running;

/// <summary>Makes new inputs of known ones. The same random numbers make the same inputs.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> words)
{
    private const int LongestInput = 4096;
    private static readonly byte[] _bytes = [0, 1, 2, 16, 32, 64, 125, 126, 127, 128, 129, 192, 254, 255];
    private static readonly long[] _numbers = [0, 125, 126, 255, 256, 65535, 65536, int.MaxValue, long.MaxValue, -1];

    /// <summary>Changes a copy of an input in one place or a few; another input may lend it parts.</summary>
    public byte[] Mutate(byte[] input, byte[] other)
    {
        List<byte> bytes = [.. input];
        for (int changes = 1 << random.Next(4); changes > 0; changes--) Change(bytes, other);
        return [.. bytes.Take(LongestInput)];
    }

    private void Change(List<byte> bytes, byte[] other)
    {
        int at = random.Next(bytes.Count + 1);
        int length = Math.Min(random.Next(1, 1 << random.Next(1, 7)), bytes.Count - at);
        switch (random.Next(10))
        {
            case 0:
                Overwrite(bytes, at, [(byte)((at < bytes.Count ? bytes[at] : 0) ^ (1 << random.Next(8)))]);
                break;
            case 1:
                Overwrite(bytes, at, [(byte)random.Next(256)]);
                break;
            case 2:
                Overwrite(bytes, at, [_bytes[random.Next(_bytes.Length)]]);
                break;
            case 3:
                byte[] more = new byte[random.Next(1, 9)];
                random.NextBytes(more);
                bytes.InsertRange(at, more);
                break;
            case 4:
                bytes.RemoveRange(at, length);
                break;
            case 5:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 6:
                bytes.InsertRange(at, Word());
                break;
            case 7:
                Overwrite(bytes, at, Word());
                break;
            case 8:
                int from = random.Next(other.Length + 1);
                bytes.RemoveRange(at, random.Next(2) == 0 ? bytes.Count - at : length);
                bytes.InsertRange(at, other[from..random.Next(from, other.Length + 1)]);
                break;
            default:
                byte[] number = new byte[8];
                long value = _numbers[random.Next(_numbers.Length)] + random.Next(-1, 2);
                BinaryPrimitives.WriteInt64BigEndian(number, value);
                Overwrite(bytes, at, number[(8 - (1 << random.Next(1, 4)))..]);
                break;
        }
    }

    private byte[] Word() => words.Count == 0 ? [0] : words[random.Next(words.Count)];

    private static void Overwrite(List<byte> bytes, int at, byte[] part)
    {
        bytes.RemoveRange(at, Math.Min(part.Length, bytes.Count - at));
        bytes.InsertRange(at, part);
    }
}
