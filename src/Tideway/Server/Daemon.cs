using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tideway.Components;
using Tideway.Configuration;
using Tideway.DynamicConfig;

namespace Tideway.Server;

/// <summary>Runs a service in the foreground: command line, static config, components, signals, exit code.</summary>
public static class Daemon
{
    private const int Success = 0;
    private const int Failure = 1;

    // JSON Schema is full of '+' and quotes, which the default encoder escapes for the sake of HTML.
    private static readonly JsonSerializerOptions _indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // SIGUSR1, which has no name in .NET, and no number on Windows.
    private static readonly PosixSignal? _reopenSignal =
        OperatingSystem.IsLinux() ? (PosixSignal)10 : OperatingSystem.IsMacOS() ? (PosixSignal)30 : null;

    /// <summary>Runs the service until SIGTERM, SIGINT or SIGQUIT stops it, as
    /// <see cref="RunAsync(string[], ComponentList)"/> does.</summary>
    /// <typeparam name="TService">What the service is made of.</typeparam>
    /// <param name="args">The command line; <c>--help</c> explains it.</param>
    /// <returns>The exit code: 0 after a normal stop, 1 when the service could not start.</returns>
    public static Task<int> RunAsync<TService>(string[] args) where TService : IService =>
        RunAsync(args, TService.Components);

    /// <summary>Runs the service until SIGTERM, SIGINT or SIGQUIT stops it.</summary>
    /// <remarks>
    /// Stopping closes every WebSocket with 1001. Connections have <see cref="ServerConfig.ShutdownTimeout"/> to end,
    /// and the components another 20 seconds to stop. SIGUSR1 reopens the log files, except on Windows. Problems with
    /// the config or the start are printed to stderr.
    /// </remarks>
    /// <param name="args">The command line; <c>--help</c> explains it.</param>
    /// <param name="components">What the service is made of.</param>
    /// <returns>The exit code: 0 after a normal stop, 1 when the service could not start.</returns>
    public static Task<int> RunAsync(string[] args, ComponentList components)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(components);
        var config = new Option<string>("--config", "-c")
        {
            Description = "The static config, a YAML file.",
            DefaultValueFactory = _ => "config_dev.yaml",

            // The last one counts, so that `dotnet run -- -c my.yaml` replaces the config of a project file.
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result => result.Tokens[^1].Value,
        };
        var vars = new Option<string?>("--config_vars")
        {
            Description = "A file of variables, instead of that of the config.",
        };
        var varsOverride = new Option<string?>("--config_vars_override")
        {
            Description = "A file that replaces some variables.",
        };
        var printSchema = new Option<bool>("--print-config-schema")
        {
            Description = "Print the JSON Schema of the config, and exit.",
        };
        var printDefaults = new Option<bool>("--print-dynamic-config-defaults")
        {
            Description = "Print the default of each variable of the dynamic config as JSON, and exit.",
        };
        var printDynamicSchema = new Option<bool>("--print-dynamic-config-schema")
        {
            Description = "Print the JSON Schema of the variables of the dynamic config, and exit.",
        };
        var command = new RootCommand("A Tideway service.")
        {
            config, vars, varsOverride, printSchema, printDefaults, printDynamicSchema,
        };
        command.SetAction(async (result, _) =>
        {
            if (result.GetValue(printSchema)) return PrintSchema(components);
            if (result.GetValue(printDefaults)) return PrintVariables(components, DynamicConfigSchema.DefaultsOf);
            if (result.GetValue(printDynamicSchema)) return PrintVariables(components, DynamicConfigSchema.Of);
            string path = result.GetValue(config)!;
            if (result.GetResult(config) is { Implicit: true } && !File.Exists(path))
            {
                await Console.Error.WriteLineAsync(
                    $"There is no {path} in {Environment.CurrentDirectory}; -c PATH names another config.");
                return Failure;
            }

            var options = new ConfigLoadOptions
            {
                VarsPath = result.GetValue(vars),
                VarsOverridePath = result.GetValue(varsOverride),
            };
            return await RunAsync(path, options, components);
        });

        // The service handles signals itself, and has its own time to stop.
        return command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static int PrintSchema(ComponentList components)
    {
        Console.WriteLine(RootSchema.Compose(components.Select(component => (component.Name, component.ConfigType)))
            .ToJsonString(_indented));
        return Success;
    }

    private static int PrintVariables(ComponentList components, Func<DynamicConfigKeys, JsonObject> document)
    {
        IEnumerable<Assembly> assemblies = components.Select(component => component.ComponentType.Assembly);
        try
        {
            Console.WriteLine(document(DynamicConfigKeys.Find(assemblies)).ToJsonString(_indented));
            return Success;
        }
        catch (InvalidOperationException exception)
        {
            // A declaration is wrong.
            Console.Error.WriteLine(exception.Message);
            return Failure;
        }
    }

    private static async Task<int> RunAsync(string path, ConfigLoadOptions options, ComponentList components)
    {
        try
        {
            await using var host = ServiceHost.Load(components, path, options);
            await RunAsync(host);
            return Success;
        }
        catch (Exception exception) when (
            exception is ConfigException or ComponentException or ComponentGraphException or IOException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return Failure;
        }
    }

    private static async Task RunAsync(ServiceHost host)
    {
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration term = OnSignal(PosixSignal.SIGTERM, stop.Cancel);
        using PosixSignalRegistration interrupt = OnSignal(PosixSignal.SIGINT, stop.Cancel);
        using PosixSignalRegistration quit = OnSignal(PosixSignal.SIGQUIT, stop.Cancel);
        using PosixSignalRegistration? reopen =
            _reopenSignal is { } signal ? OnSignal(signal, host.Loggers.Reopen) : null;

        try
        {
            await host.StartAsync(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
        catch (ComponentException failure) when (failure.IsEnvironmental && !host.Loggers.IsOnConsole)
        {
            // On a console it would stand twice.
            host.Loggers.CreateLogger(typeof(Daemon).FullName!)
                .ComponentFailed(null, failure.ComponentName, failure.Reason);
            throw;
        }

        await Task.Delay(Timeout.Infinite, stop.Token).ContinueWith(
            static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await host.StopAsync();
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, Action action) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            action();
        });
}
