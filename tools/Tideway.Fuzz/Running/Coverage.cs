using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Tideway.Fuzz.Running;

/// <summary>What the instrumented code has reached: for each step from one branch to the next, about how often. One
/// to a process.</summary>
internal sealed unsafe class Coverage
{
    private const int Size = 1 << 16; // What the instrumentation counts on.
    private readonly byte* _hits = (byte*)NativeMemory.AllocZeroed(Size);
    private readonly byte[] _seen = new byte[Size];

    public Coverage() => Trace.SharedMem = _hits;

    /// <summary>How many different steps were seen.</summary>
    public int Steps { get; private set; }

    /// <summary>Forgets what was reached since the last look.</summary>
    public void Begin()
    {
        new Span<byte>(_hits, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Looks at what was reached; tells whether some of it was never seen before.</summary>
    public bool Look()
    {
        bool isNew = false;
        var words = new ReadOnlySpan<ulong>(_hits, Size / sizeof(ulong));
        for (int word = 0; word < words.Length; word++)
        {
            if (words[word] == 0) continue;
            for (int i = word * sizeof(ulong); i < (word + 1) * sizeof(ulong); i++) isNew |= Look(i);
        }

        return isNew;
    }

    private bool Look(int step)
    {
        // Once, twice, thrice, up to 7, 15, 31, 127, and more: a bit for each.
        byte often = _hits[step] switch
        {
            0 => 0,
            1 => 1,
            2 => 2,
            3 => 4,
            <= 7 => 8,
            <= 15 => 16,
            <= 31 => 32,
            <= 127 => 64,
            _ => 128,
        };
        if ((_seen[step] & often) == often) return false;
        if (_seen[step] == 0) Steps++;
        _seen[step] |= often;
        return true;
    }
}
