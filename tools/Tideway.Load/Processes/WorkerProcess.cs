using System.Diagnostics;
using System.Text.Json;
using Tideway.Load.Results;
using Tideway.Load.Workloads;

namespace Tideway.Load.Processes;

/// <summary>A workload in a child process of this program, driven by lines over its input and output.</summary>
internal sealed class WorkerProcess : IWorkload
{
    private readonly Process _process;

    public WorkerProcess(LoadOptions options)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        if (Path.GetFileName(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Tideway.Load.dll"));
        start.ArgumentList.Add(WorkerHost.CommandName);
        _process = Process.Start(start)!;

        // The options go through the pipe: a header may be a secret, and command lines are public.
        _process.StandardInput.WriteLine(JsonSerializer.Serialize(options));
    }

    public Task RunAsync(Step step) => CallAsync(step.ToString());

    public async Task<long> ProgressAsync() => JsonSerializer.Deserialize<long>(await CallAsync(WorkerHost.Progress));

    public async Task<WorkResult> FinishAsync() =>
        JsonSerializer.Deserialize<WorkResult>(await CallAsync(WorkerHost.Finish))!;

    public async ValueTask DisposeAsync()
    {
        // The end of its input ends the worker.
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task<string> CallAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        return await _process.StandardOutput.ReadLineAsync()
            ?? throw new IOException("A worker process ended early; what it printed stands above.");
    }
}
