using System.Numerics;

namespace Tideway.Load.Results;

/// <summary>Counts durations in buckets that grow with them: a percentile is right to 0.4 %. For one thread.</summary>
/// <remarks>
/// The buckets of a power of two are 128 equal ones. All durations have a bucket, and none is cut off. (The known
/// package for this brings the whole of .NET Standard 1.6 with it.)
/// </remarks>
internal sealed class Histogram
{
    private const int HalfBits = 7;
    private const int Half = 1 << HalfBits;
    private readonly long[] _counts = new long[((63 - HalfBits) << HalfBits) + (2 * Half)];

    public long Count { get; private set; }

    public long Max { get; private set; }

    public void Record(long nanoseconds)
    {
        _counts[IndexOf(nanoseconds)]++;
        Count++;
        if (nanoseconds > Max) Max = nanoseconds;
    }

    public void Add(Histogram other)
    {
        for (int i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        Count += other.Count;
        Max = Math.Max(Max, other.Max);
    }

    public void Clear()
    {
        Array.Clear(_counts);
        Count = Max = 0;
    }

    /// <summary>Answers what this share of all does not exceed, in nanoseconds; 0 when there is none.</summary>
    public double ValueAt(double share)
    {
        long wanted = Math.Max(1, (long)Math.Ceiling(share * Count));
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted) return Math.Min(MiddleOf(i), Max);
        }

        return 0;
    }

    /// <summary>Lists the buckets that are not empty, as pairs of number and count.</summary>
    public long[] ToPairs() =>
        [.. Enumerable.Range(0, _counts.Length).Where(i => _counts[i] > 0).SelectMany(i => new[] { i, _counts[i] })];

    /// <summary>Reads what <see cref="ToPairs"/> listed.</summary>
    public static Histogram FromPairs(long[] pairs, long max)
    {
        var histogram = new Histogram { Max = max };
        for (int i = 0; i < pairs.Length; i += 2)
        {
            histogram._counts[pairs[i]] = pairs[i + 1];
            histogram.Count += pairs[i + 1];
        }

        return histogram;
    }

    private static int IndexOf(long value)
    {
        // The highest eight bits, and how far they were shifted; below 256 the value itself.
        ulong positive = (ulong)Math.Max(value, 0);
        int shift = Math.Max(0, BitOperations.Log2(positive) - HalfBits);
        return (shift << HalfBits) + (int)(positive >> shift);
    }

    private static double MiddleOf(int index)
    {
        int shift = Math.Max(0, (index >> HalfBits) - 1);
        long lowest = (long)(index - (shift << HalfBits)) << shift;
        return lowest + (((1L << shift) - 1) / 2.0);
    }
}
