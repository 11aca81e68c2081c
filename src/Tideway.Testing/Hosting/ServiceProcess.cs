using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Tideway.Testing.Hosting;

/// <summary>A service in a process of its own: its real program, with the config of the tests.</summary>
internal sealed partial class ServiceProcess : RunningService
{
    private const int MostLines = 10_000;
    private const int LastLines = 100;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    private readonly Process _process;
    private readonly Queue<string> _lines = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _address;
    private volatile string? _monitorAddress;
    private volatile bool _stops;

    private ServiceProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public override string? Address => _address;

    public override string? MonitorAddress => _monitorAddress;

    public override string? Death => _process.HasExited && !_stops
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"The service has ended with the exit code {_process.ExitCode}:\n{Output(LastLines)}")
        : null;

    /// <summary>Starts the program of an assembly, and waits until it listens.</summary>
    /// <exception cref="InvalidOperationException">It is no program, or it has not started.</exception>
    public static async Task<ServiceProcess> StartAsync(
        Assembly assembly, string config, IDictionary<string, string> environment)
    {
        if (assembly.EntryPoint is null || !File.Exists(Path.ChangeExtension(assembly.Location, "runtimeconfig.json")))
        {
            throw new InvalidOperationException(
                $"'{assembly.GetName().Name}' cannot run as a process: it is no program, or its runtimeconfig.json is "
                + $"not beside {assembly.Location}. Have its project built as an executable.");
        }

        string program = Path.ChangeExtension(assembly.Location, OperatingSystem.IsWindows() ? "exe" : null);
        string[] command = File.Exists(program) ? [program] : ["dotnet", assembly.Location];
        var start = new ProcessStartInfo(command[0], [.. command[1..], "-c", config])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetDirectoryName(assembly.Location),
        };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        var service = new ServiceProcess(start);
        try
        {
            await service.WaitUntilStartedAsync();
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    public override async Task<string?> WaitForDeathAsync(TimeSpan time)
    {
        await _process.WaitForExitAsync().WaitAsync(time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Death;
    }

    public override async Task<int> StopAsync()
    {
        _stops = true;
        if (!_process.HasExited) await TerminateAsync();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(_patience);
            return _process.ExitCode;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(
                $"The service still runs {_patience.TotalMinutes} minutes after SIGTERM. Its last words:\n"
                + Output(LastLines));
        }
    }

    public override async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        _stops = true;
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task WaitUntilStartedAsync()
    {
        Task exit = _process.WaitForExitAsync();
        Task first = await Task.WhenAny(_started.Task, exit, Task.Delay(_patience));
        if (first == _started.Task) return;
        string what = first == exit
            ? string.Create(CultureInfo.InvariantCulture, $"has ended with the exit code {_process.ExitCode}")
            : $"does not listen after {_patience.TotalMinutes} minutes";
        throw new InvalidOperationException($"The service {what}:\n{Output(MostLines)}");
    }

    /// <summary>Sends SIGTERM, for which the platform has no call; where there is none, it kills.</summary>
    private async Task TerminateAsync()
    {
        if (OperatingSystem.IsWindows())
        {
            _process.Kill();
            return;
        }

        using var shell = Process.Start("/bin/sh", ["-c", $"kill -TERM {_process.Id} 2>/dev/null"]);
        await shell.WaitForExitAsync();
    }

    /// <summary>The last lines that it printed, so many at most.</summary>
    private string Output(int most)
    {
        lock (_lines) return string.Join('\n', _lines.TakeLast(most));
    }

    private void OnLine(string? line)
    {
        if (line is null) return;
        lock (_lines)
        {
            if (_lines.Count == MostLines) _lines.Dequeue();
            _lines.Enqueue(line);
        }

        if (_started.Task.IsCompleted) return;
        if (MonitorListening().Match(line) is { Success: true } monitor) _monitorAddress = monitor.Groups[1].Value;
        else if (Listening().Match(line) is { Success: true } main) _address = main.Groups[1].Value;
        else if (Started().IsMatch(line)) _started.TrySetResult();
    }

    private void OnExit(object? sender, EventArgs e)
    {
        if (!_process.HasExited) _process.Kill();
    }

    [GeneratedRegex(@"\ttext=Listening on (\S+)")]
    private static partial Regex Listening();

    [GeneratedRegex(@"\ttext=Listening for monitor requests on (\S+)")]
    private static partial Regex MonitorListening();

    [GeneratedRegex(@"\ttext=All \d+ components started")]
    private static partial Regex Started();
}
