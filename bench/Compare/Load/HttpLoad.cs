using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Compare.Peers;

namespace Compare.Load;

/// <summary>Keeps one request in flight on each of a number of kept-alive connections, from one thread.</summary>
/// <remarks>
/// It takes the connections in turn: waits for the answer of one and sends its next request. While it waits the others'
/// requests are at the server, which therefore never runs out of work.
/// </remarks>
public sealed class HttpLoad(int port, int connections, int serverProcessId)
{
    private static readonly byte[] _request = "GET /ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"u8.ToArray();
    private readonly byte[] _answer = new byte[4096];

    /// <summary>Loads the server, and answers what one measurement found after a warm-up.</summary>
    public JsonObject Run(TimeSpan warmup, TimeSpan duration)
    {
        Socket[] sockets = [.. Enumerable.Range(0, connections).Select(_ => Connect())];
        foreach (Socket socket in sockets) socket.Send(_request);
        Exchange(sockets, warmup);
        double cpu = ProcessStatus.CpuSeconds(serverProcessId);
        double ownCpu = ProcessStatus.CpuSeconds(Environment.ProcessId);
        long begin = Stopwatch.GetTimestamp();
        long requests = Exchange(sockets, duration);
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        cpu = ProcessStatus.CpuSeconds(serverProcessId) - cpu;
        ownCpu = ProcessStatus.CpuSeconds(Environment.ProcessId) - ownCpu;
        foreach (Socket socket in sockets) socket.Dispose();
        return new JsonObject
        {
            ["connections"] = connections,
            ["seconds"] = seconds,
            ["requests"] = requests,
            ["requestsPerSecond"] = requests / seconds,
            ["serverCpuMicrosecondsPerRequest"] = 1e6 * cpu / requests,
            ["clientCpuMicrosecondsPerRequest"] = 1e6 * ownCpu / requests,
        };
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    private long Exchange(Socket[] sockets, TimeSpan duration)
    {
        long begin = Stopwatch.GetTimestamp();
        long count = 0;
        while (Stopwatch.GetElapsedTime(begin) < duration)
        {
            foreach (Socket socket in sockets)
            {
                ReceiveAnswer(socket);
                socket.Send(_request);
                count++;
            }
        }

        return count;
    }

    private void ReceiveAnswer(Socket socket)
    {
        int received = 0;
        do
        {
            int more = socket.Receive(_answer.AsSpan(received));
            if (more == 0) throw new IOException("The server closed a connection.");
            received += more;
        }
        while (received < AnswerLength(_answer.AsSpan(0, received)));
        if (!_answer.AsSpan().StartsWith("HTTP/1.1 200 "u8))
            throw new IOException($"The server answered {Encoding.Latin1.GetString(_answer.AsSpan(0, received))}");
    }

    private static int AnswerLength(ReadOnlySpan<byte> received)
    {
        int head = received.IndexOf("\r\n\r\n"u8);
        if (head < 0) return int.MaxValue;
        int length = received.IndexOf("Content-Length: "u8);
        if (length < 0) throw new IOException("The server answered without a Content-Length.");
        ReadOnlySpan<byte> digits = received[(length + 16)..head];
        int end = digits.IndexOf((byte)'\r');
        return head + 4 + int.Parse(end < 0 ? digits : digits[..end], CultureInfo.InvariantCulture);
    }
}
