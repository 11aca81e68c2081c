using System.Net.Sockets;

namespace Tideway.Server;

/// <summary>The file of a unix socket, which outlives a process that is killed.</summary>
internal static class SocketFile
{
    /// <summary>Removes the file if it is a socket on which nobody listens any more,
    /// and leaves everything else alone.</summary>
    public static void RemoveIfStale(string path)
    {
        if (File.Exists(path) && !IsListenedOn(path) && IsSocket(path)) File.Delete(path);
    }

    private static bool IsListenedOn(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode != SocketError.ConnectionRefused;
        }
    }

    // What cannot be opened though it may be read is no file with contents; a missing permission is another exception.
    private static bool IsSocket(string path)
    {
        try
        {
            File.OpenHandle(path).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
