using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tideway.Testing.Mocks;

namespace Tideway.Testing.Hosting;

/// <summary>How the service of a fixture is about to be started: its static config, which a test changes here, and
/// what is around it.</summary>
/// <remarks>
/// The config is the service's own, already patched for tests: free ports, a monitor listener, the loggers, the
/// handlers of the tests' controls, the mocks of its config service. Values that are written over those are the test's
/// business.
/// </remarks>
public sealed class ServiceSetup
{
    private static readonly JsonSerializerOptions _indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _folder;
    private readonly Action<ServiceSetup> _patch;

    internal ServiceSetup(string configPath, string folder, MockServer mocks, Action<ServiceSetup> patch)
    {
        (ConfigPath, _folder, MockServer, _patch) = (configPath, folder, mocks, patch);
        Config = YamlTree.Read(File.ReadAllText(configPath), configPath);
        if (Config["config_vars"]?.GetValue<string>() is { } named && Find(named) is { } vars)
            Variables = YamlTree.Read(File.ReadAllText(vars), vars);
        patch(this);
    }

    /// <summary>The file that the config came from.</summary>
    public string ConfigPath { get; }

    /// <summary>The static config. Variables such as <c>$port</c> are not replaced yet.</summary>
    public JsonObject Config { get; private set; }

    /// <summary>The variables of the static config.</summary>
    public JsonObject Variables { get; } = [];

    /// <summary>Environment variables of the service.</summary>
    /// <remarks>In process only the static config sees them: what the code itself reads of the environment is that of
    /// the tests.</remarks>
    public IDictionary<string, string> Environment { get; } = new Dictionary<string, string>();

    /// <summary>The mock of what the service calls. Handlers that are added here stay for all tests.</summary>
    public MockServer MockServer { get; }

    /// <summary>Whether the service runs as the process that it is in production.</summary>
    /// <remarks>Defaults to false: in the process of the tests, where it starts faster and is easy to debug; or to true
    /// where the environment variable <c>TIDEWAY_TEST_PROCESS</c> is 1.</remarks>
    public bool RunsAsProcess { get; set; } =
        System.Environment.GetEnvironmentVariable("TIDEWAY_TEST_PROCESS") == "1";

    /// <summary>A folder of the fixture's own, removed with it.</summary>
    public string Folder => _folder;

    /// <summary>The log of the service, in the process of its tests.</summary>
    internal string LogPath => Path.Combine(Folder, "service.log");

    private JsonObject Components => Section(Section(Config, "components_manager"), "components");

    /// <summary>The section of a component in the static config; an empty one is added when there is none.</summary>
    /// <param name="name">The component.</param>
    public JsonObject Component(string name) => Section(Components, name);

    /// <summary>Tells whether the static config has a section for a component.</summary>
    /// <param name="name">The component.</param>
    public bool HasComponent(string name) => Components.ContainsKey(name);

    /// <summary>Takes another static config in place of the service's own, and patches it for tests, too.</summary>
    /// <param name="yaml">The config.</param>
    public void UseConfig(string yaml)
    {
        Config = YamlTree.Read(yaml, "the config of the test");
        _patch(this);
    }

    /// <summary>Finds a map in a map, and adds an empty one where there is none.</summary>
    internal static JsonObject Section(JsonObject parent, string name)
    {
        if (parent[name] is JsonObject section) return section;
        section = [];
        parent[name] = section;
        return section;
    }

    /// <summary>The path of a handler; null when the service has none of that name.</summary>
    internal string? PathOf(string name) =>
        HasComponent(name) ? Resolve(Component(name)["path"]?.GetValue<string>() ?? "") : null;

    /// <summary>Replaces a variable by its value.</summary>
    internal string Resolve(string value) => value.StartsWith('$')
        ? Variables[value[1..]]?.GetValue<string>() ?? value
        : value;

    /// <summary>Writes the config for the service.</summary>
    /// <returns>The file.</returns>
    internal string Write()
    {
        // Its start is told on stderr, where it is waited for.
        JsonNode? log = HasComponent("logging") ? Component("logging")["loggers"]?["default"] : null;
        if (RunsAsProcess && log?["file_path"]?.GetValue<string>() == LogPath) log["file_path"] = "@stderr";
        if (RunsAsProcess && log is not null) CheckStartIsLogged(log);
        if (Variables.Count > 0)
        {
            string vars = Path.Combine(_folder, "config_vars.yaml");
            File.WriteAllText(vars, Variables.ToJsonString(_indented));
            Config["config_vars"] = vars;
        }

        string path = Path.Combine(_folder, "config.yaml");
        File.WriteAllText(path, Config.ToJsonString(_indented));
        return path;
    }

    private void CheckStartIsLogged(JsonNode log)
    {
        (string path, string format, string level) = (Value("file_path"), Value("format"), Value("level"));
        if (path is "@stderr" or "@stdout" && format is "tskv" && level is "trace" or "debug" or "info") return;
        throw new InvalidOperationException(
            "A service in a process of its own tells in its log that it has started. So its logger 'default' needs "
            + $"file_path '@stderr', format tskv, and level info, debug or trace; the test gave it file_path '{path}', "
            + $"format {format}, level {level}.");

        string Value(string key) => Resolve(log[key]?.ToString() ?? "");
    }

    /// <summary>A relative path is relative to where the service runs; its file may lie beside the config,
    /// too.</summary>
    private string? Find(string named) => new[]
    {
        Path.GetFullPath(named), Path.Combine(Path.GetDirectoryName(ConfigPath)!, named),
    }.FirstOrDefault(File.Exists);
}
