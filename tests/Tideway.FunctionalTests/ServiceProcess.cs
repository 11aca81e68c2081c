using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Tideway.FunctionalTests;

/// <summary>The real service of a sample as a process, with a static config of the test's.</summary>
internal abstract partial class ServiceProcess : IAsyncDisposable
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _directory = Directory.CreateTempSubdirectory("tideway-").FullName;

    /// <summary>Starts the service.</summary>
    /// <param name="sample">The folder of the sample.</param>
    /// <param name="config">Its static config.</param>
    /// <param name="arguments">What it is called with; the config, if this is empty.</param>
    /// <param name="isMeasured">Whether it can be asked to collect garbage.</param>
    protected ServiceProcess(string sample, string config, string[] arguments, bool isMeasured = false)
    {
        string path = Path.Combine(_directory, "config.yaml");
        File.WriteAllText(path, config);
        string assembly = Repository.Path(
            "samples", sample, "bin", Repository.Configuration, "net10.0", sample + ".dll");
        string[] given = arguments.Length > 0 ? arguments : ["-c", path];
        var start = new ProcessStartInfo("dotnet", [assembly, .. given])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _directory,
        };
        if (isMeasured)
        {
            start.Environment["DOTNET_STARTUP_HOOKS"] = Repository.Path(
                "bench", "Peers", "CollectOnSignal", "bin", Repository.Configuration, "net10.0", "CollectOnSignal.dll");
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string[] Lines => [.. _lines];

    public int Id => _process.Id;

    public int Port { get; private set; }

    /// <summary>The port of <c>listener-monitor</c>, where there is one.</summary>
    public int MonitorPort { get; private set; }

    /// <summary>Waits until the log has so many lines with a text.</summary>
    public async Task WaitForLineAsync(string text, int times = 1)
    {
        DateTime end = DateTime.UtcNow + Patience;
        while (_lines.Count(line => line.Contains(text, StringComparison.Ordinal)) < times)
        {
            Assert.True(DateTime.UtcNow < end, $"There is no '{text}':\n{string.Join('\n', _lines)}");
            await Task.Delay(10);
        }
    }

    /// <summary>Has a measured process collect its garbage, and answers the memory that it has resident then.</summary>
    public async Task<long> SettleAsync()
    {
        const string Collected = "collected"; // what the hook says
        int before = _lines.Count(line => line == Collected);
        await SignalAsync("USR2");
        await WaitForLineAsync(Collected, before + 1);
        _process.Refresh();
        return _process.WorkingSet64;
    }

    /// <summary>Stops the service as an orchestrator does, and answers its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        await SignalAsync("TERM");
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>Ends the service as a crash does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
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

    /// <summary>Waits until the service listens.</summary>
    protected async Task WaitUntilListeningAsync()
    {
        Task first = await Task.WhenAny(_listening.Task, _process.WaitForExitAsync()).WaitAsync(Patience);
        Assert.True(first == _listening.Task, string.Join('\n', _lines));
    }

    /// <summary>Waits until the service ends by itself, and answers its exit code and what it printed.</summary>
    protected async Task<(int ExitCode, string[] Lines)> WaitForEndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return (_process.ExitCode, Lines);
    }

    private void OnLine(string? line)
    {
        if (line is null) return;
        _lines.Enqueue(line);
        if (ListeningOn().Match(line) is not { Success: true } match) return;
        int port = int.Parse(match.Groups["port"].ValueSpan, null);
        if (match.Groups["monitor"].Success)
        {
            MonitorPort = port;
            return;
        }

        // It is the last that a server says.
        Port = port;
        _listening.TrySetResult();
    }

    [GeneratedRegex(@"text=Listening (?<monitor>for monitor requests )?on https?://[^\t]*:(?<port>\d+)")]
    private static partial Regex ListeningOn();
}
