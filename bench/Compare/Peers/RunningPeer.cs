using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Compare.Peers;

/// <summary>A peer that was started, pinned to its processor. Dispose it to end its process.</summary>
public sealed class RunningPeer : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _errors = [];

    private RunningPeer(Peer peer, int port, Process process)
    {
        (Peer, Port, _process) = (peer, port, process);
        process.OutputDataReceived += (_, line) => _lines.Writer.TryWrite(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => Remember(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What runs.</summary>
    public Peer Peer { get; }

    /// <summary>Where it listens, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>The address of its echo.</summary>
    public string Url => $"ws://127.0.0.1:{Port}/chat";

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts a peer on a free port and waits until it takes connections.</summary>
    public static async Task<RunningPeer> StartAsync(Peer peer, int core, CancellationToken cancellationToken)
    {
        int port = FreePort();
        ProcessStartInfo start = Commands.Pinned(core, peer.Command.Select(WithPort));
        foreach ((string name, string value) in peer.Environment) start.Environment[name] = WithPort(value);
        var running = new RunningPeer(peer, port, Process.Start(start)!);
        try
        {
            await running.WaitAsync("listen", running.AcceptsAsync, cancellationToken);
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }

        string WithPort(string text) => text.Replace("{port}", $"{port}", StringComparison.Ordinal);
    }

    /// <summary>Has the process collect its garbage and give back what it can, and waits until it did.</summary>
    public async Task CollectAsync(CancellationToken cancellationToken)
    {
        if (!Peer.Collects) return;
        Commands.TryRun(Repository.Root, "kill", "-USR2", $"{ProcessId}");
        await WaitAsync("collect its garbage", HasCollected, cancellationToken);

        Task<bool> HasCollected() => Task.FromResult(_lines.Reader.TryRead(out string? line) && line == "collected");
    }

    /// <summary>Waits until the process has as many connections open.</summary>
    public Task WaitForConnectionsAsync(int count, CancellationToken cancellationToken) => WaitAsync(
        $"come to {count} connections",
        () => Task.FromResult(ProcessStatus.Connections(Port) == count),
        cancellationToken);

    /// <summary>Tells what the process said if it ended by itself; empty while it runs.</summary>
    public string Obituary() => _process.HasExited ? $" {Peer.Key} had ended: {Errors()}" : "";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> AcceptsAsync()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task WaitAsync(string purpose, Func<Task<bool>> isReached, CancellationToken cancellationToken)
    {
        long begin = Stopwatch.GetTimestamp();
        while (!await isReached())
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"{Peer.Key} ended before it could {purpose}: {Errors()}");
            if (Stopwatch.GetElapsedTime(begin) > _patience)
                throw new TimeoutException($"{Peer.Key} did not {purpose} in {_patience.TotalSeconds} s: {Errors()}");
            await Task.Delay(50, cancellationToken);
        }
    }

    private void Remember(string? line)
    {
        if (line is null) return;
        lock (_errors)
            if (_errors.Count < 20) _errors.Add(line);
    }

    private string Errors()
    {
        lock (_errors) return _errors.Count == 0 ? "it said nothing" : string.Join(Environment.NewLine, _errors);
    }
}
