using System.Diagnostics;
using System.Numerics;

namespace Tideway.WebSockets.Engine;

/// <summary>Keeps the timers of a loop's sockets, one each, in slots of 64 milliseconds or another power of two. For
/// the loop's thread only.</summary>
/// <remarks>
/// The links are in the sockets themselves, so that setting and clearing a timer allocates nothing and costs the same
/// however many there are. A timer is never early, and late by up to two slots: these are time-outs, not clocks.
/// One that is more than a round (1024 slots: 65 seconds) away is passed over until its round comes.
/// </remarks>
/// <param name="slotShift">The power of two that a slot has in milliseconds.</param>
internal sealed class TimerWheel(int slotShift = 6)
{
    private const int SlotCount = 1024;

    private readonly LoopSocket?[] _slots = new LoopSocket?[SlotCount];
    private readonly ulong[] _used = new ulong[SlotCount / 64]; // A bit for each slot that has a timer.
    private long _done; // Slots up to this one have been handled.
    private int _count;

    /// <summary>Tells whether no timer is set.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Sets the timer of a socket, in place of the one it may have had.</summary>
    public void Set(LoopSocket socket, long nowMilliseconds, long delayMilliseconds)
    {
        Clear(socket);
        if (_count == 0) _done = nowMilliseconds >> slotShift;
        long end = (nowMilliseconds + delayMilliseconds + (1L << slotShift) - 1) >> slotShift;
        long due = Math.Max(end, (nowMilliseconds >> slotShift) + 1);
        Debug.Assert(due > _done);
        ref LoopSocket? head = ref _slots[due % SlotCount];
        (socket.TimerDue, socket.TimerNext, socket.TimerPrevious) = (due, head, null);
        if (head is not null) head.TimerPrevious = socket;
        head = socket;
        _used[due % SlotCount / 64] |= 1UL << (int)(due % 64);
        _count++;
    }

    /// <summary>Clears the timer of a socket, if it has one.</summary>
    public void Clear(LoopSocket socket)
    {
        long due = socket.TimerDue;
        if (due == 0) return;
        if (socket.TimerPrevious is { } previous) previous.TimerNext = socket.TimerNext;
        else _slots[due % SlotCount] = socket.TimerNext;
        if (socket.TimerNext is { } next) next.TimerPrevious = socket.TimerPrevious;
        if (_slots[due % SlotCount] is null) _used[due % SlotCount / 64] &= ~(1UL << (int)(due % 64));
        (socket.TimerDue, socket.TimerNext, socket.TimerPrevious) = (0, null, null);
        _count--;
    }

    /// <summary>Takes a socket whose time is over; null when there is none left.</summary>
    public LoopSocket? TakeDue(long nowMilliseconds)
    {
        long now = nowMilliseconds >> slotShift;
        if (_count > 0 && now - _done > SlotCount) _done = now - SlotCount; // One round sees every slot.
        while (_count > 0 && _done < now)
        {
            for (LoopSocket? socket = _slots[(_done + 1) % SlotCount]; socket is not null; socket = socket.TimerNext)
            {
                if (socket.TimerDue > now) continue;
                Clear(socket);
                return socket;
            }

            _done++;
        }

        return null;
    }

    /// <summary>Tells how long until the next slot with a timer in it, in milliseconds; -1 when no timer is
    /// set.</summary>
    public int UntilNext(long nowMilliseconds)
    {
        if (_count == 0) return -1;
        long slot = _done + 1;
        ulong word = _used[slot % SlotCount / 64] >> (int)(slot % 64);
        while (word == 0)
        {
            slot += 64 - (slot % 64);
            word = _used[slot % SlotCount / 64];
        }

        slot += BitOperations.TrailingZeroCount(word);
        return (int)Math.Clamp((slot << slotShift) - nowMilliseconds, 0, int.MaxValue);
    }
}
