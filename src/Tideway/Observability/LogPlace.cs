using System.Net.Sockets;

namespace Tideway.Observability;

/// <summary>Opens what the <c>file_path</c> of a logger names.</summary>
internal static class LogPlace
{
    private const string Unix = "unix:";

    /// <summary>Tells whether a path names a place that the process has anyway,
    /// and that cannot be moved away.</summary>
    public static bool IsStandard(string path) => path is "@stdout" or "@stderr" or "@null";

    /// <summary>Tells whether a path names a regular file, which only one logger can append to.</summary>
    public static bool IsFile(string path) =>
        !IsStandard(path) && !IsSocket(path) && !path.StartsWith("/dev/", StringComparison.Ordinal);

    /// <summary>Opens the place. Where it can seek, who writes seeks to the end first.</summary>
    /// <exception cref="IOException">It cannot be written to; the message says where and why.</exception>
    public static Stream Open(string path)
    {
        try
        {
            return path switch
            {
                "@stdout" => Console.OpenStandardOutput(),
                "@stderr" => Console.OpenStandardError(),
                "@null" => Stream.Null,
                _ when IsSocket(path) => Connect(path[Unix.Length..]),
                _ => OpenFile(path),
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SocketException
            or ArgumentException or NotSupportedException)
        {
            throw new IOException($"The log '{path}' cannot be opened: {exception.Message}", exception);
        }
    }

    private static bool IsSocket(string path) => path.StartsWith(Unix, StringComparison.Ordinal);

    private static FileStream OpenFile(string path)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } directory) Directory.CreateDirectory(directory);

        // Without a buffer: what fails to be written is not kept to be written twice. Not FileMode.Append: it remembers
        // where the end was, and refuses to write before it when the file has been truncated.
        return new FileStream(
            path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }

    private static NetworkStream Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
