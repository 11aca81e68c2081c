using System.Net;
using System.Net.Sockets;

namespace Tideway.Testing.Chaos;

/// <summary>One connection through a gate: two sockets, and what passes between them.</summary>
internal sealed class GateConnection(Socket client, IPEndPoint service, GateOptions options, int index, Gate gate)
{
    private readonly Socket _service = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Passes bytes both ways until both have ended.</summary>
    public async Task RunAsync()
    {
        try
        {
            await _service.ConnectAsync(service);
            await Task.WhenAll(
                PassAsync(client, _service, options.ToService, 2 * index),
                PassAsync(_service, client, options.ToClient, (2 * index) + 1));
        }
        catch (SocketException)
        {
            Reset();
        }
        finally
        {
            client.Dispose();
            _service.Dispose();
        }
    }

    /// <summary>Ends the connection by a reset, as both ends see it.</summary>
    public void Reset()
    {
        foreach (Socket socket in new[] { client, _service })
        {
            try
            {
                socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // It has ended already.
            }

            socket.Dispose();
        }
    }

    /// <summary>Ends the connection as if both ends had closed it.</summary>
    public void Close()
    {
        End(client);
        End(_service);
    }

    private static void End(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    private async Task PassAsync(Socket from, Socket to, GateDirection direction, int way)
    {
        try
        {
            var random = new Random(unchecked((options.Seed * 31) + way));
            await foreach (ReadOnlyMemory<byte> piece in direction.Apply(ReadAsync(from), random, gate.End))
            {
                await gate.WaitWhileStoppedAsync();
                for (int sent = 0; sent < piece.Length;) sent += await to.SendAsync(piece[sent..]);
            }

            End(to);
        }
        catch (GateEndException end) when (!end.IsReset)
        {
            Close();
        }
        catch (Exception exception) when (
            exception is SocketException or ObjectDisposedException or GateEndException or OperationCanceledException)
        {
            Reset();
        }
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(Socket from)
    {
        byte[] buffer = new byte[65536];
        while (true)
        {
            await gate.WaitWhileStoppedAsync();
            int length = await from.ReceiveAsync(buffer);
            if (length == 0) yield break;
            yield return buffer.AsMemory(0, length);
        }
    }
}
