using System.Net.Sockets;
using Tideway.Tests.Configuration;

namespace Tideway.Tests.Observability;

/// <summary>A log collector on a unix socket, which reads when it is told to.</summary>
internal sealed class LogSocket : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public LogSocket()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(_folder.PathOf("log")));
        _listener.Listen();
    }

    /// <summary>What a logger says to write here.</summary>
    public string Path => "unix:" + _folder.PathOf("log");

    /// <summary>Takes the next connection of a logger.</summary>
    public async Task<StreamReader> AcceptAsync(CancellationToken patience) =>
        new(new NetworkStream(await _listener.AcceptAsync(patience), ownsSocket: true));

    public void Dispose()
    {
        _listener.Dispose();
        _folder.Dispose();
    }
}
