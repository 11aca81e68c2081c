using System.Runtime.InteropServices;

namespace Tideway.WebSockets.Engine;

/// <summary>The system calls of the engine. Those that fail answer the negated errno, so that no state stays
/// behind.</summary>
/// <remarks>Pointers must stay valid for the call; none is kept by the kernel. Linux, 64-bit x86 and Arm.</remarks>
internal static unsafe partial class Libc
{
    public const int NoEntry = 2;
    public const int NoMemory = 12;
    public const int PermissionDenied = 13;
    public const int TooManyFilesInSystem = 23;
    public const int TooManyFiles = 24;
    public const int AddressInUse = 98;
    public const int AddressNotAvailable = 99;
    public const int NetworkUnreachable = 101;
    public const int ConnectionReset = 104;
    public const int NoBuffers = 105;
    public const int TimedOut = 110;
    public const int ConnectionRefused = 111;
    public const int HostUnreachable = 113;
    public const int InProgress = 115;

    public const int CloseOnExec = 0x80000; // SOCK_CLOEXEC, EPOLL_CLOEXEC, EFD_CLOEXEC
    public const int NonBlocking = 0x800; // SOCK_NONBLOCK, EFD_NONBLOCK

    public const int ControlAdd = 1;
    public const int ControlDelete = 2;
    public const int ControlModify = 3;

    public const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC

    public const int NoSignal = 0x4000; // MSG_NOSIGNAL
    public const int More = 0x8000; // MSG_MORE

    public const int SolSocket = 1;
    public const int SoError = 4;
    public const int SoLinger = 13;
    public const int IpProtoIp = 0;
    public const int IpBindAddressNoPort = 24;
    public const int IpProtoTcp = 6;
    public const int TcpNoDelay = 1;

    private const string Library = "libc";

    /// <summary>Makes an epoll instance.</summary>
    public static int EpollCreate() => Check(epoll_create1(CloseOnExec));

    /// <summary>Makes an eventfd, by which other threads wake a loop.</summary>
    public static int EventFd() => Check(eventfd(0, CloseOnExec | NonBlocking));

    /// <summary>Adds, changes or removes what an epoll instance watches of a descriptor. The tag comes back with each
    /// event.</summary>
    public static int EpollControl(int epoll, int operation, int fd, SocketEvents events, uint tag = 0)
    {
        byte* entry = stackalloc byte[EpollBuffer.Stride];
        EpollBuffer.WriteEntry(entry, events, fd, tag);
        return Check(epoll_ctl(epoll, operation, fd, entry));
    }

    /// <summary>Waits for events; -1 waits without end.</summary>
    public static int EpollWait(int epoll, byte* entries, int count, int timeoutMilliseconds) =>
        Check(epoll_wait(epoll, entries, count, timeoutMilliseconds));

    /// <summary>Adds one to an eventfd.</summary>
    public static void Signal(int eventFd)
    {
        ulong one = 1;
        _ = write(eventFd, &one, sizeof(ulong));
    }

    /// <summary>Tells how many descriptors the process may have.</summary>
    public static int DescriptorLimit()
    {
        const int Descriptors = 7; // RLIMIT_NOFILE
        ulong* limits = stackalloc ulong[2]; // struct rlimit { current, maximum }
        return getrlimit(Descriptors, limits) < 0 ? int.MaxValue : (int)Math.Min(limits[0], int.MaxValue);
    }

    /// <summary>Tells which number the next descriptor will have; negative when there is none.</summary>
    public static int NextDescriptor()
    {
        int fd = EventFd();
        if (fd >= 0) Close(fd);
        return fd;
    }

    /// <summary>Accepts a connection and writes the peer's address.</summary>
    public static int Accept(int listener, Span<byte> address, out int addressLength)
    {
        fixed (byte* data = address)
        {
            int length = address.Length;
            int fd = Check(accept4(listener, data, &length, CloseOnExec | NonBlocking));
            addressLength = Math.Min(length, address.Length);
            return fd;
        }
    }

    /// <summary>Makes another descriptor of the same socket: the lowest free number from
    /// <paramref name="atLeast"/> on.</summary>
    public static int Duplicate(int fd, int atLeast = 0) => Check(fcntl(fd, DuplicateCloseOnExec, atLeast));

    /// <summary>Makes a TCP or unix stream socket that does not block.</summary>
    public static int Socket(int family) => Check(socket(family, 1 | CloseOnExec | NonBlocking, 0));

    /// <summary>Begins to connect.</summary>
    public static int Connect(int fd, ReadOnlySpan<byte> address)
    {
        fixed (byte* data = address) return Check(connect(fd, data, address.Length));
    }

    /// <summary>Binds a socket to an address.</summary>
    public static int Bind(int fd, ReadOnlySpan<byte> address)
    {
        fixed (byte* data = address) return Check(bind(fd, data, address.Length));
    }

    /// <summary>Receives what is there.</summary>
    public static int Receive(int fd, Span<byte> buffer)
    {
        fixed (byte* data = buffer) return Check(recv(fd, data, (nuint)buffer.Length, 0));
    }

    /// <summary>Sends as much as the kernel takes.</summary>
    public static int Send(int fd, ReadOnlySpan<byte> data, bool more)
    {
        fixed (byte* start = data) return Check(send(fd, start, (nuint)data.Length, NoSignal | (more ? More : 0)));
    }

    /// <summary>Closes one direction or both: 0 receive, 1 send, 2 both.</summary>
    public static int Shutdown(int fd, int how) => Check(shutdown(fd, how));

    /// <summary>Closes a descriptor.</summary>
    public static void Close(int fd) => _ = close(fd);

    /// <summary>Writes a socket's own address.</summary>
    public static int Name(int fd, Span<byte> address)
    {
        fixed (byte* data = address)
        {
            int length = address.Length;
            int result = Check(getsockname(fd, data, &length));
            return result < 0 ? result : Math.Min(length, address.Length);
        }
    }

    /// <summary>Takes the error that waits on a socket, as a positive errno; 0 for none.</summary>
    public static int TakeError(int fd)
    {
        int error = 0, length = sizeof(int);
        return getsockopt(fd, SolSocket, SoError, &error, &length) < 0 ? Marshal.GetLastSystemError() : error;
    }

    /// <summary>Sets an option of four bytes.</summary>
    public static int SetOption(int fd, int level, int option, int value) =>
        Check(setsockopt(fd, level, option, &value, sizeof(int)));

    /// <summary>Makes the close of a socket reset its connection.</summary>
    public static void ResetOnClose(int fd)
    {
        long onWithoutDelay = 1; // struct linger { int onoff = 1; int linger = 0; }
        _ = setsockopt(fd, SolSocket, SoLinger, &onWithoutDelay, sizeof(long));
    }

    private static int Check(nint result) => result >= 0 ? (int)result : -Marshal.GetLastSystemError();

    [LibraryImport(Library)]
    private static partial int getrlimit(int resource, ulong* limits);

    [LibraryImport(Library)]
    private static partial int epoll_create1(int flags);

    [LibraryImport(Library)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport(Library)]
    private static partial int epoll_ctl(int epoll, int operation, int fd, byte* entry);

    [LibraryImport(Library)]
    private static partial int epoll_wait(int epoll, byte* entries, int count, int timeout);

    [LibraryImport(Library)]
    private static partial nint write(int fd, void* data, nuint length);

    [LibraryImport(Library)]
    private static partial int accept4(int fd, byte* address, int* length, int flags);

    [LibraryImport(Library)]
    private static partial int fcntl(int fd, int command, int argument);

    [LibraryImport(Library)]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport(Library)]
    private static partial int connect(int fd, byte* address, int length);

    [LibraryImport(Library)]
    private static partial int bind(int fd, byte* address, int length);

    [LibraryImport(Library)]
    private static partial nint recv(int fd, void* data, nuint length, int flags);

    [LibraryImport(Library)]
    private static partial nint send(int fd, void* data, nuint length, int flags);

    [LibraryImport(Library)]
    private static partial int shutdown(int fd, int how);

    [LibraryImport(Library)]
    private static partial int close(int fd);

    [LibraryImport(Library)]
    private static partial int getsockname(int fd, byte* address, int* length);

    [LibraryImport(Library)]
    private static partial int getsockopt(int fd, int level, int option, void* value, int* length);

    [LibraryImport(Library)]
    private static partial int setsockopt(int fd, int level, int option, void* value, int length);
}
