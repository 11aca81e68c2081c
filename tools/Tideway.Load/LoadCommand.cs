using System.CommandLine;
using System.CommandLine.Parsing;
using Tideway.Load.Processes;
using Tideway.Load.Results;

namespace Tideway.Load;

/// <summary>The commands, and what they print.</summary>
internal sealed class LoadCommand
{
    private readonly LoadArguments _arguments = new();
    private readonly Option<string?> _json = new("--json")
    {
        Description = "Write the result as JSON to a file; '-' prints it in place of the line.",
    };

    private readonly Option<string?> _html = new("--html") { Description = "Write a report with plots to a file." };
    private readonly Option<bool> _progress = new("--progress")
    {
        Description = "Show the progress on stderr even if that is no terminal.",
    };

    private LoadCommand()
    {
        // Before the measurement, not after.
        foreach (Option<string?> file in new[] { _json, _html }) file.Validators.Add(RequireFolder);
    }

    public static RootCommand Create()
    {
        var load = new LoadCommand();
        var worker = new Command(WorkerHost.CommandName) { Hidden = true };
        worker.SetAction((_, _) => WorkerHost.RunAsync(Console.In, Console.Out));
        return new RootCommand("Puts load on a WebSocket server, and measures it.")
        {
            load.Workload("echo", "Sends messages to a server that echoes them: in a closed loop, or at a fixed rate."),
            load.Workload("connect", "Opens and closes connections as fast as it can."),
            load.Workload("idle", "Holds connections on which nothing happens, and measures the server's memory."),
            worker,
        };
    }

    private Command Workload(string name, string description)
    {
        var command = new Command(name, description);
        foreach (Option option in _arguments.Of(name).Concat([_json, _html, _progress])) command.Options.Add(option);
        command.SetAction((result, cancellationToken) => RunAsync(name, result, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(string workload, ParseResult arguments, CancellationToken cancellationToken)
    {
        LoadOptions options = _arguments.Read(workload, arguments);
        string? flaw = options.FindFlaw() ?? (options.ServerPid is { } pid ? new ServerProcess(pid).FindFlaw() : null);
        if (flaw is not null)
        {
            await Console.Error.WriteLineAsync(flaw);
            return 1;
        }

        var progress = new ProgressLine(Console.Error, !Console.IsErrorRedirected, arguments.GetValue(_progress));
        LoadResult result = await new LoadRun(options, progress).RunAsync(cancellationToken);
        await WriteAsync(result, arguments.GetValue(_json), arguments.GetValue(_html));
        return result.ErrorCount == 0 ? 0 : 1;
    }

    private static void RequireFolder(OptionResult file)
    {
        string? path = file.GetValueOrDefault<string?>();
        if (string.IsNullOrEmpty(path) || path == "-") return;
        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            file.AddError($"{file.Option.Name} {path}: the folder does not exist.");
    }

    private static async Task WriteAsync(LoadResult result, string? jsonPath, string? htmlPath)
    {
        string json = result.ToJson().ToJsonString();
        await Console.Out.WriteLineAsync(jsonPath == "-" ? json : result.ToString());
        if (jsonPath is not (null or "-")) await File.WriteAllTextAsync(jsonPath, json + "\n");
        if (htmlPath is not null) await File.WriteAllTextAsync(htmlPath, HtmlReport.Write(result));
        foreach ((string text, long count) in result.Errors) await Console.Error.WriteLineAsync($"{count} x {text}");
    }
}
