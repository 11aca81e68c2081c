using System.Text.Json.Nodes;
using Tideway.Components;

namespace Tideway.Testing.Hosting;

/// <summary>Patches a static config for tests, as far as the service has the components.</summary>
/// <param name="components">What the service is made of.</param>
/// <param name="serviceName">Its name.</param>
/// <param name="capturePort">Where its log is collected.</param>
internal sealed class TestConfig(ComponentList components, string serviceName, int capturePort)
{
    /// <summary>The component through which tests control a service.</summary>
    public const string ControlName = "tests-control";

    /// <summary>The component that tells its metrics.</summary>
    public const string MonitorName = "handler-server-monitor";

    /// <summary>The component that asks for values of the dynamic config.</summary>
    public const string UpdaterName = "dynamic-config-client-updater";

    private const string Loopback = "127.0.0.1";

    /// <summary>How long the service waits for its tests, which may be in a debugger.</summary>
    private const string Patience = "10m";

    public void Patch(ServiceSetup setup)
    {
        if (Has("server")) PatchListeners(setup);
        if (Has("logging")) PatchLoggers(setup);
        if (Has("testsuite-support")) PatchSupport(setup);
        if (Has("dynamic-config") && Has(UpdaterName)) PatchDynamicConfig(setup);
    }

    private static void Listen(JsonObject server, string name)
    {
        JsonObject listener = ServiceSetup.Section(server, name);
        listener.Remove("unix-socket");
        listener["address"] = Loopback;
        listener["port"] = 0;
    }

    private bool Has(string name) => components.Any(component => component.Name == name);

    private void PatchListeners(ServiceSetup setup)
    {
        JsonObject server = setup.Component("server");
        Listen(server, "listener");
        if (!server.ContainsKey("listener-monitor") && !Has(MonitorName)) return;
        Listen(server, "listener-monitor");
        if (!Has(MonitorName)) return;
        JsonObject monitor = setup.Component(MonitorName);
        monitor["load-enabled"] = true;
        monitor["path"] ??= "/service/monitor";
        monitor["method"] ??= "GET";
    }

    private void PatchLoggers(ServiceSetup setup)
    {
        JsonObject loggers = ServiceSetup.Section(setup.Component("logging"), "loggers");
        foreach ((string name, JsonNode? logger) in loggers)
            if (name != "default" && logger is JsonObject other) other["file_path"] = "@null";
        JsonObject main = ServiceSetup.Section(loggers, "default");
        main["file_path"] = setup.LogPath;
        main["level"] = "debug";
        main["format"] = "tskv";
        main["overflow_behavior"] = "discard";
        if (Has(ControlName))
            main["testsuite-capture"] = new JsonObject { ["host"] = Loopback, ["port"] = capturePort };
    }

    private void PatchSupport(ServiceSetup setup)
    {
        JsonObject support = setup.Component("testsuite-support");
        support["load-enabled"] = true;
        support["testsuite-periodic-update-enabled"] = false;
        support["testsuite-tasks-enabled"] = true;
        support["testsuite-increased-timeout"] = "30s";
        if (!Has(ControlName)) return;
        JsonObject control = setup.Component(ControlName);
        control["load-enabled"] = true;
        control["path"] ??= "/tests/{action}";
        control["method"] = "POST";
        control["throttling_enabled"] = false;
        control["testpoint-url"] = new Uri(setup.MockServer.Url, "testpoint").ToString();
        control["testpoint-timeout"] = Patience;
        control["skip-unregistered-testpoints"] = true;
    }

    private void PatchDynamicConfig(ServiceSetup setup)
    {
        JsonObject config = setup.Component("dynamic-config");
        config["updates-enabled"] = true;
        config.Remove("fs-cache-path");
        config.Remove("watch-path");
        JsonObject client = setup.Component("dynamic-config-client");
        client["load-enabled"] = true;
        client["config-url"] = new Uri(setup.MockServer.Url, "configs-service").ToString();
        client["append-path-to-url"] = true;
        client["service-name"] ??= serviceName;
        client["http-timeout"] = "1m";
        client["http-retries"] = 3;
        JsonObject updater = setup.Component(UpdaterName);
        updater["load-enabled"] = true;
        updater["update-interval"] = "1h";
        updater.Remove("full-update-interval");
        updater["config-settings"] = false;
        updater["first-update-fail-ok"] = true;
    }
}
