using Microsoft.AspNetCore.Http;
using Tideway.Components;

namespace Tideway.Server;

/// <summary>Answers an empty 200, to tell that the service is up.</summary>
/// <param name="config">The route, usually <c>/ping</c>.</param>
/// <param name="context">Who the handler is.</param>
public sealed class PingHandler(HandlerConfig config, ComponentContext context)
    : HttpHandler(config, context), INamedComponent
{
    /// <inheritdoc/>
    public static string ComponentName => "handler-ping";

    /// <inheritdoc/>
    protected override Task HandleAsync(HttpContext http) => Task.CompletedTask;
}
