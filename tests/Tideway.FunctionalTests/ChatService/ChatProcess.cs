using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.RegularExpressions;

namespace Tideway.FunctionalTests.ChatService;

/// <summary>The real chat service as a process, with its own static config but for the port.</summary>
internal sealed partial class ChatProcess : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _directory = Directory.CreateTempSubdirectory("tideway-").FullName;

    private ChatProcess(string config, string[] arguments)
    {
        string path = Path.Combine(_directory, "config.yaml");
        File.WriteAllText(path, config);
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                Repository.Path(
                    "samples", "ChatService", "bin", Repository.Configuration, "net10.0", "ChatService.dll"),
            },
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _directory,
        };
        foreach (string argument in arguments.Length > 0 ? arguments : ["-c", path]) start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The sample's own config, with a port that the system picks.</summary>
    public static string SampleConfig =>
        File.ReadAllText(Repository.Path("samples", "ChatService", "static_config.yaml"))
            .Replace("port: 8080", "port: 0");

    public string[] Lines => [.. _lines];

    public int Id => _process.Id;

    public int Port { get; private set; }

    public Uri ChatUri => new($"ws://127.0.0.1:{Port}/chat");

    public static async Task<ChatProcess> StartAsync(string? config = null)
    {
        var service = new ChatProcess(config ?? SampleConfig, []);
        Task first = await Task.WhenAny(service._port.Task, service._process.WaitForExitAsync()).WaitAsync(_patience);
        Assert.True(first == service._port.Task, string.Join('\n', service._lines));
        service.Port = await service._port.Task;
        return service;
    }

    /// <summary>Starts the service without waiting until it listens.</summary>
    public static ChatProcess Launch(string config) => new(config, []);

    /// <summary>Runs the service to its end, and answers its exit code and what it printed.</summary>
    public static async Task<(int ExitCode, string[] Lines)> RunAsync(string config, params string[] arguments)
    {
        await using var service = new ChatProcess(config, arguments);
        await service._process.WaitForExitAsync().WaitAsync(_patience);
        return (service._process.ExitCode, service.Lines);
    }

    public async Task<ClientWebSocket> ConnectAsync()
    {
        var client = new ClientWebSocket();
        await client.ConnectAsync(ChatUri, default).WaitAsync(_patience);
        return client;
    }

    /// <summary>Stops the service as an orchestrator does, and answers its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        await SignalAsync("TERM");
        await _process.WaitForExitAsync().WaitAsync(_patience);
        return _process.ExitCode;
    }

    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private void OnLine(string? line)
    {
        if (line is null) return;
        _lines.Enqueue(line);
        if (ListeningOn().Match(line) is { Success: true } match)
            _port.TrySetResult(int.Parse(match.Groups[1].ValueSpan, null));
    }

    [GeneratedRegex(@"text=Listening on https?://[^\t]*:(\d+)")]
    private static partial Regex ListeningOn();
}
