using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tideway.WebSockets.Engine;

/// <summary>Native memory for the events of one wait.</summary>
/// <remarks>The kernel's <c>struct epoll_event</c> is packed to 12 bytes on x86-64 and has 16 bytes
/// elsewhere.</remarks>
internal sealed unsafe class EpollBuffer : IDisposable
{
    /// <summary>The most events of one wait; the others come with the next.</summary>
    public const int Capacity = 512;

    /// <summary>The size of an entry, in bytes.</summary>
    public static readonly int Stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private static readonly int _dataOffset = Stride - sizeof(long);
    private readonly byte* _entries = (byte*)NativeMemory.AllocZeroed((nuint)(Capacity * Stride));

    /// <summary>Waits for events and answers how many there are; 0 after a time-out or a signal.</summary>
    public int Wait(int epoll, int timeoutMilliseconds)
    {
        int count = Libc.EpollWait(epoll, _entries, Capacity, timeoutMilliseconds);
        return Math.Max(count, 0);
    }

    /// <summary>Reads one of the events of the last wait: the descriptor, and the tag that its watch has.</summary>
    public SocketEvents Read(int index, out int fd, out uint tag)
    {
        byte* entry = _entries + (index * Stride);
        fd = Unsafe.ReadUnaligned<int>(entry + _dataOffset);
        tag = Unsafe.ReadUnaligned<uint>(entry + _dataOffset + sizeof(int));
        return (SocketEvents)Unsafe.ReadUnaligned<int>(entry);
    }

    /// <summary>Writes an entry for a change of what is watched.</summary>
    public static void WriteEntry(byte* entry, SocketEvents events, int fd, uint tag)
    {
        Unsafe.WriteUnaligned(entry, (int)events);
        Unsafe.WriteUnaligned(entry + _dataOffset, fd);
        Unsafe.WriteUnaligned(entry + _dataOffset + sizeof(int), tag);
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(_entries);
}
