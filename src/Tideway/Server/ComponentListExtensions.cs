using Tideway.Compatibility;
using Tideway.Components;
using Tideway.DynamicConfig;
using Tideway.Observability;

namespace Tideway.Server;

/// <summary>The ready-made component lists.</summary>
public static class ComponentListExtensions
{
    private static readonly string[] _accepted =
    [
        "os-signal-processor", "statistics-storage", "alerts-storage", "tracing-manager-locator",
    ];

    extension(ComponentList)
    {
        /// <summary>Makes the list of what every service has:
        /// logging, and the sections that are accepted for it.</summary>
        public static ComponentList Minimal()
        {
            ComponentList list = new ComponentList()
                .Append<LoggingComponent>()
                .Append<TaskProcessors>()
                .Append<TracerComponent>()
                .Append<DynamicConfigComponent>()
                .Append<DynamicConfigFallbacksComponent>();
            foreach (string name in _accepted) list.Append<AcceptedComponent>(name);
            return list;
        }

        /// <summary>Makes the list of what a service with handlers has: <see cref="Minimal"/> and a server.</summary>
        public static ComponentList MinimalServer() =>
            Minimal().Append<ServerComponent>().Append<AcceptedComponent>("auth-checker-settings");
    }
}
