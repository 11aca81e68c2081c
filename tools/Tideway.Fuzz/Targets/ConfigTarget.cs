using System.Text;
using Tideway.Components;
using Tideway.Configuration;
using Tideway.Observability;
using Tideway.Server;

namespace Tideway.Fuzz.Targets;

/// <summary>A static config, read and bound to the records of a service: it has values or problems, and nothing
/// else.</summary>
internal static class ConfigTarget
{
    private const long MostAllocated = 512L << 20;

    /// <summary>Variables of ours: the file that the text names is never read.</summary>
    private static readonly ConfigLoadOptions _options = new()
    {
        VarsPath = Path.Combine(AppContext.BaseDirectory, "vars.yaml"),
        EnvironmentVariable = name => name == "ENV" ? "{ a: [1, 2], b: $name }" : null,
    };

    private static readonly (string Section, Type Record)[] _components =
    [
        ("server", typeof(ServerConfig)),
        ("logging", typeof(LoggingConfig)),
        ("handler-ping", typeof(HandlerConfig)),
        ("websocket-handler", typeof(WebSocketHandlerConfig)),
    ];

    public static void Run(ReadOnlySpan<byte> input)
    {
        string yaml = Encoding.UTF8.GetString(input);

        // It would read files of this machine.
        if (yaml.Contains("#file", StringComparison.Ordinal)) return;

        long allocated = GC.GetAllocatedBytesForCurrentThread();
        List<string> problems = Load(yaml);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        FuzzException.Unless(allocated < MostAllocated, $"{input.Length} bytes of YAML had {allocated} allocated");
        FuzzException.UnlessSame(problems, Load(yaml), "the problems, when it is read again");
        foreach (string problem in problems)
            FuzzException.Unless(!problem.Any(char.IsControl), "a problem is not one line");
    }

    private static List<string> Load(string yaml)
    {
        ConfigMap root;
        try
        {
            root = ConfigLoader.Parse(yaml, "fuzz.yaml", _options);
        }
        catch (ConfigException exception)
        {
            FuzzException.Unless(exception.Problems.Count > 0, "it cannot be read, and has no problem");
            return Describe(exception.Problems, yaml);
        }

        var problems = new List<ConfigProblem>();
        ConfigBinder.Bind(typeof(RootConfig), root, problems);
        if (root.Section("components_manager") is ConfigMap manager && manager.Section("components") is ConfigMap all)
        {
            foreach ((string section, Type record) in _components)
                ConfigBinder.Bind(record, all.Section(section), problems);
        }

        return Describe(problems, yaml);
    }

    private static List<string> Describe(IReadOnlyCollection<ConfigProblem> problems, string yaml)
    {
        int lines = 2 + yaml.Count(c => c is '\n' or '\r' or '\x85' or '\u2028' or '\u2029');
        foreach (ConfigProblem problem in problems)
        {
            FuzzException.Unless(problem.Message.Length > 0, "a problem says nothing");
            if (problem.Location.File == "fuzz.yaml")
                FuzzException.Unless(problem.Location.Line <= lines, $"a problem is beyond the end: {problem}");
        }

        return [.. problems.Select(problem => problem.ToString())];
    }
}
