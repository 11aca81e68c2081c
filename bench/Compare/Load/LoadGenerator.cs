using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Compare.Load;

/// <summary>Runs a program that loads a peer, pinned to a processor of its own, and reads what it found.</summary>
/// <param name="assembly">The program.</param>
/// <param name="core">The processor.</param>
public sealed class LoadGenerator(string assembly, int core)
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    /// <summary>Runs the program to its end.</summary>
    /// <param name="arguments">What it is to do, options without blanks.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    /// <exception cref="InvalidOperationException">It failed, or did not end in time.</exception>
    public async Task<JsonObject> RunAsync(string arguments, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_patience);
        using Process process = Start(arguments);
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(deadline.Token);
            string output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            if (process.ExitCode == 0) return Read(output); // it is not 0 when there was any error
            throw new InvalidOperationException($"`{arguments}` failed with {process.ExitCode}: {Last(await errors)}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"`{arguments}` did not end in {_patience.TotalMinutes} minutes.");
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    /// <summary>Starts the program and leaves it running.</summary>
    public Process Start(string arguments) =>
        Process.Start(Commands.Pinned(core, ["dotnet", assembly, .. arguments.Split(' ')]))!;

    private static JsonObject Read(string output)
    {
        var result = (JsonObject)JsonNode.Parse(output)!;
        result.Remove("samples"); // how it went second by second is of no use here
        return result;
    }

    private static string Last(string errors) => errors.Length <= 2000 ? errors.Trim() : errors[^2000..].Trim();
}
