using Microsoft.Extensions.Logging;
using Tideway.DynamicConfig;

namespace Tideway.Server;

/// <summary>Lets the dynamic config limit handlers, until it is disposed.</summary>
internal sealed partial class HandlerLimits : IDisposable
{
    /// <summary>The limits of handlers by name.</summary>
    public static readonly DynamicConfigKey<IReadOnlyDictionary<string, HandlerLimitsConfig>> Variable = new(
        "TIDEWAY_HANDLER_LIMITS",
        new Dictionary<string, HandlerLimitsConfig>(),
        "Limits of handlers, by name, in place of those of their sections in the static config. They count for open "
        + "connections, too.");

    private readonly IReadOnlyList<Handler> _handlers;
    private readonly ILogger _logger;
    private readonly IDisposable _subscription;

    /// <summary>Limits the handlers as the variable says, now and whenever it changes.</summary>
    public HandlerLimits(IReadOnlyList<Handler> handlers, DynamicConfigSource dynamicConfig, ILogger logger)
    {
        (_handlers, _logger) = (handlers, logger);
        _subscription = dynamicConfig.Subscribe(
            (old, now) => Apply(old?.Get(Variable) ?? Variable.Default, now.Get(Variable)), Variable);
    }

    public void Dispose() => _subscription.Dispose();

    private void Apply(
        IReadOnlyDictionary<string, HandlerLimitsConfig> old, IReadOnlyDictionary<string, HandlerLimitsConfig> now)
    {
        foreach (Handler handler in _handlers)
        {
            HandlerLimitsConfig? limits = now.GetValueOrDefault(handler.HandlerName);
            if (limits == old.GetValueOrDefault(handler.HandlerName)) continue;
            handler.Limit(limits ?? new HandlerLimitsConfig());
        }

        string[] unknown = [.. now.Keys.Except(_handlers.Select(handler => handler.HandlerName))];
        if (unknown.Length > 0) NoSuchHandler(_logger, Variable.Name, string.Join(", ", unknown.Take(10)));
    }

    [LoggerMessage(213, LogLevel.Warning, "{Variable}: there is no handler {Names}")]
    private static partial void NoSuchHandler(ILogger logger, string variable, string names);
}
