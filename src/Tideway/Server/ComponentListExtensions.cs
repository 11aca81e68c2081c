using Tideway.Compatibility;
using Tideway.Components;
using Tideway.DynamicConfig;
using Tideway.Observability;
using Tideway.Testsuite;

namespace Tideway.Server;

/// <summary>The ready-made component lists.</summary>
public static class ComponentListExtensions
{
    private static readonly string[] _accepted = ["os-signal-processor", "alerts-storage", "tracing-manager-locator"];

    extension(ComponentList)
    {
        /// <summary>Makes the list of what every service has: logging, dynamic config, metrics, and the sections that
        /// are accepted for it. What brings values from a config service, and what functional tests need, is loaded
        /// when it has a section.</summary>
        public static ComponentList Minimal()
        {
            ComponentList list = new ComponentList()
                .Append<LoggingComponent>()
                .Append<TaskProcessors>()
                .Append<TracerComponent>()
                .Append<DynamicConfigComponent>()
                .Append<DynamicConfigFallbacksComponent>()
                .Append<MetricsComponent>()
                .Append<Testpoints>()
                .AppendOptional<TestsuiteSupportComponent>()
                .AppendOptional<DynamicConfigClientComponent>()
                .AppendOptional<DynamicConfigClientUpdaterComponent>()
                .AppendOptional<HttpClientComponent>()
                .AppendOptional<DnsClientComponent>();
            foreach (string name in _accepted) list.Append<AcceptedComponent>(name);
            return list;
        }

        /// <summary>Makes the list of what a service with handlers has: <see cref="Minimal"/> and a server; and, where
        /// they have sections, the handlers that tell of the service: <c>handler-ping</c>,
        /// <c>handler-server-monitor</c>, and <c>tests-control</c> for functional tests.</summary>
        public static ComponentList MinimalServer() => Minimal()
            .Append<ServerComponent>()
            .Append<AcceptedComponent>("auth-checker-settings")
            .AppendOptional<MiddlewarePipelineComponent>()
            .AppendOptional<PingHandler>()
            .AppendOptional<ServerMonitorHandler>()
            .AppendOptional<TestsControlHandler>();
    }
}
