using System.CommandLine;
using System.CommandLine.Parsing;
using Tideway.Fuzz.Running;

namespace Tideway.Fuzz;

/// <summary>The commands.</summary>
internal sealed class FuzzCommand
{
    private readonly Argument<string?> _target = new("target")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = $"One of {FuzzTargets.Names}; all if it is left out.",
    };

    private readonly Argument<string> _oneTarget = new("target") { Description = "The target." };
    private readonly Argument<FileInfo[]> _files = new("file") { Description = "Inputs that failed." };
    private readonly Argument<string> _current = new("current") { Description = "Keeps the input that is run." };
    private readonly Option<int> _seconds = new("--time")
    {
        Description = "How many seconds each target is run.",
        DefaultValueFactory = _ => 60,
    };

    private readonly Option<long> _runs = new("--runs")
    {
        Description = "How many inputs each target is run on.",
        DefaultValueFactory = _ => 10_000,
    };

    private readonly Option<int?> _seed = new("--seed")
    {
        Description = "Makes the same inputs again; any if it is left out.",
    };

    private FuzzCommand()
    {
        _target.Validators.Add(RequireTarget);
        _oneTarget.Validators.Add(RequireTarget);
    }

    public static RootCommand Create()
    {
        var fuzz = new FuzzCommand();
        return new RootCommand("Runs the parsers on inputs that nobody would send, and checks what they make of them.")
        {
            fuzz.Fuzz(), fuzz.Check(), fuzz.Replay(), fuzz.Merge(), fuzz.Work(),
        };
    }

    private Command Fuzz()
    {
        var command = new Command("fuzz", "Looks for inputs that reach new code, for a time.")
        {
            _target, _seconds, _seed,
        };
        command.SetAction((arguments, cancellationToken) => EachAsync(
            arguments.GetValue(_target),
            target => InstrumentedProcess.RunAsync(
                target.Name,
                [
                    "work", target.Name, "--time", $"{arguments.GetValue(_seconds)}",
                    "--seed", $"{arguments.GetValue(_seed) ?? Environment.TickCount}",
                ],
                cancellationToken)));
        return command;
    }

    private Command Check()
    {
        var command = new Command("check", "Runs the corpus, and a number of inputs made of it.")
        {
            _target, _runs, _seed,
        };
        command.SetAction((arguments, _) => EachAsync(arguments.GetValue(_target), target =>
        {
            using var run = new FuzzRun(target, arguments.GetValue(_seed) ?? Environment.TickCount);
            bool passed = run.Run((runs, _) => runs >= arguments.GetValue(_runs));
            Console.WriteLine(run);
            return Task.FromResult(passed ? 0 : 1);
        }));
        return command;
    }

    private Command Replay()
    {
        var command = new Command("replay", "Runs inputs once, and lets what they throw through.")
        {
            _oneTarget, _files,
        };
        command.SetAction(arguments =>
        {
            FuzzTarget target = FuzzTargets.Find(arguments.GetRequiredValue(_oneTarget))!;
            foreach (FileInfo file in arguments.GetRequiredValue(_files))
                target.Run(File.ReadAllBytes(file.FullName));
            Console.WriteLine("Nothing is wrong.");
        });
        return command;
    }

    private Command Merge()
    {
        var command = new Command("merge", "Adds to the corpus what was found, and drops what it does not need.")
        {
            _target,
        };
        command.SetAction((arguments, cancellationToken) => EachAsync(
            arguments.GetValue(_target),
            target => InstrumentedProcess.RunAsync(
                target.Name, ["work", target.Name, "--time", "0"], cancellationToken)));
        return command;
    }

    /// <summary>What the instrumented process does: fuzz, or merge in no time.</summary>
    private Command Work()
    {
        var command = new Command("work") { _oneTarget, _current, _seconds, _seed };
        command.Hidden = true;
        command.SetAction(arguments =>
        {
            var time = TimeSpan.FromSeconds(arguments.GetValue(_seconds));
            using var current = new CurrentInput(arguments.GetRequiredValue(_current));
            using var run = new FuzzRun(
                FuzzTargets.Find(arguments.GetRequiredValue(_oneTarget))!,
                arguments.GetValue(_seed) ?? 0,
                new Coverage(),
                current.Write);
            bool passed = true;
            if (time == TimeSpan.Zero) run.Merge();
            else passed = run.Run((_, elapsed) => elapsed >= time);
            Console.WriteLine(run);
            return passed ? 0 : 1;
        });
        return command;
    }

    private static void RequireTarget(ArgumentResult argument)
    {
        string? name = argument.GetValueOrDefault<string?>();
        if (name is not null && FuzzTargets.Find(name) is null)
            argument.AddError($"There is no target '{name}', expected one of {FuzzTargets.Names}.");
    }

    private static async Task<int> EachAsync(string? name, Func<FuzzTarget, Task<int>> run)
    {
        int result = 0;
        foreach (FuzzTarget target in name is null ? FuzzTargets.All : [FuzzTargets.Find(name)!])
            result = Math.Max(result, await run(target));
        return result;
    }
}
