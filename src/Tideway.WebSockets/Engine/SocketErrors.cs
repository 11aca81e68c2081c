namespace Tideway.WebSockets.Engine;

/// <summary>The errors that <see cref="LoopSocket"/> answers, negated: errno values of Linux.</summary>
public static class SocketErrors
{
    /// <summary>A signal came between; try again (EINTR).</summary>
    public const int Interrupted = 4;

    /// <summary>There is nothing to receive now (EAGAIN).</summary>
    public const int TryAgain = 11;

    /// <summary>The connection is closed (EPIPE).</summary>
    public const int BrokenPipe = 32;

    /// <summary>Says what an errno means, in words.</summary>
    public static string Describe(int errno) => System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(errno);
}
