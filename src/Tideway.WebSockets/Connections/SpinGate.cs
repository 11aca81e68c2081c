using System.Diagnostics.CodeAnalysis;

namespace Tideway.WebSockets.Connections;

/// <summary>A lock for a few instructions, at half the price of a monitor: one atomic exchange. A mutable value; keep
/// it in a field.</summary>
/// <remarks>It is not reentrant, and no system call belongs inside.</remarks>
internal struct SpinGate
{
    private int _held;

    /// <summary>Enters; the end of the scope leaves.</summary>
    [UnscopedRef]
    public Scope Enter()
    {
        if (Interlocked.Exchange(ref _held, 1) != 0) EnterSlowly();
        return new Scope(ref _held);
    }

    private void EnterSlowly()
    {
        var spin = default(SpinWait);
        while (Volatile.Read(ref _held) != 0 || Interlocked.Exchange(ref _held, 1) != 0) spin.SpinOnce();
    }

    /// <summary>The time inside.</summary>
    public readonly ref struct Scope(ref int held)
    {
        private readonly ref int _held = ref held;

        /// <summary>Leaves. The write keeps all that was written inside visible to who enters next.</summary>
        public void Dispose() => Volatile.Write(ref _held, 0);
    }
}
