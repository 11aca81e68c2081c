using System.Text.Json;
using Tideway.Load.Workloads;

namespace Tideway.Load.Processes;

/// <summary>The child's side of <see cref="WorkerProcess"/>: a line in, a line out, until the input ends.</summary>
internal static class WorkerHost
{
    public const string CommandName = "worker";
    public const string Progress = "Progress";
    public const string Finish = "Finish";

    public static async Task<int> RunAsync(TextReader input, TextWriter output)
    {
        if (await input.ReadLineAsync() is not { } first) return 1;
        await using IWorkload workload = Workload.CreateHere(JsonSerializer.Deserialize<LoadOptions>(first)!);
        while (await input.ReadLineAsync() is { } command)
        {
            await output.WriteLineAsync(await AnswerAsync(workload, command));
            await output.FlushAsync();
        }

        return 0;
    }

    private static async Task<string> AnswerAsync(IWorkload workload, string command)
    {
        if (command == Progress) return JsonSerializer.Serialize(await workload.ProgressAsync());
        if (command == Finish) return JsonSerializer.Serialize(await workload.FinishAsync());
        await workload.RunAsync(Enum.Parse<Step>(command));
        return "done";
    }
}
