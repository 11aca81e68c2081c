using Tideway.Components;
using Tideway.Configuration;
using Tideway.Observability;

namespace Tideway.Server;

/// <summary>Checks what sections of a static config say of each other.</summary>
internal static class SectionChecks
{
    /// <summary>Checks all sections of components that are loaded.</summary>
    /// <param name="manager">The task processors.</param>
    /// <param name="sections">The sections, for the places of problems.</param>
    /// <param name="configs">What was read from them, by name.</param>
    /// <param name="problems">Receives the problems.</param>
    public static void Run(
        ManagerConfig manager,
        ConfigMap sections,
        IReadOnlyDictionary<string, ComponentConfig> configs,
        ICollection<ConfigProblem> problems)
    {
        string[] loggers = [.. configs.Values.OfType<LoggingConfig>().SelectMany(logging => logging.Loggers.Keys)];
        bool hasMonitor = configs.Values.OfType<ServerConfig>().Any(server => server.ListenerMonitor is not null);
        RouteTable routes = new(), monitorRoutes = new();
        foreach ((string name, ComponentConfig config) in configs.Where(pair => pair.Value.LoadEnabled))
        {
            if (sections.Section(name) is not ConfigMap map) continue;
            var section = new ConfigValidation(map, problems);
            if (config is ServerConfig server)
            {
                CheckLogger("logger_access", server.LoggerAccess);
                CheckLogger("logger_access_tskv", server.LoggerAccessTskv);
                manager.CheckExists(section, server.Listener?.TaskProcessor, "listener", "task_processor");
                manager.CheckExists(
                    section, server.ListenerMonitor?.TaskProcessor, "listener-monitor", "task_processor");
            }

            manager.CheckExists(section, (config as HandlerConfig)?.TaskProcessor, "task_processor");

            if (config is HandlerConfig { MonitorHandler: true } && !hasMonitor)
                section.Report("there is no server.listener-monitor to serve the handler on", "monitor-handler");

            // Without a path there is a problem already.
            if (config is HandlerConfig { Path: not null } handler
                && (handler.MonitorHandler ? monitorRoutes : routes).Add(name, handler) is { } problem)
            {
                section.Report(problem, "path");
            }

            void CheckLogger(string key, string? logger)
            {
                if (!string.IsNullOrEmpty(logger) && !loggers.Contains(logger))
                    section.Report($"no logger '{logger}' in logging.loggers{NearestName.Hint(logger, loggers)}", key);
            }
        }
    }
}
