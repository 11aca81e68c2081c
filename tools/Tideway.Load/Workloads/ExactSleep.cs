using System.Runtime.InteropServices;

namespace Tideway.Load.Workloads;

/// <summary>Sleeps for microseconds, where <see cref="Thread.Sleep(int)"/> knows milliseconds only.</summary>
internal static unsafe partial class ExactSleep
{
    private const int SetTimerSlack = 29;

    /// <summary>Has the system wake this thread when it is time, and not up to 50 microseconds later.</summary>
    public static void Prepare() => _ = prctl(SetTimerSlack, 1, 0, 0, 0);

    public static void For(long nanoseconds)
    {
        long* time = stackalloc long[2];
        (time[0], time[1]) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        _ = nanosleep(time, null);
    }

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc")]
    private static partial int nanosleep(long* time, long* left);
}
