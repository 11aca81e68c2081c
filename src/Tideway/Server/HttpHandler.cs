using Microsoft.AspNetCore.Http;
using Tideway.Components;

namespace Tideway.Server;

/// <summary>The base of components that answer HTTP requests.</summary>
/// <param name="config">The route.</param>
/// <param name="context">Who the handler is.</param>
public abstract class HttpHandler(HandlerConfig config, ComponentContext context) : Handler(config, context)
{
    /// <summary>Answers a request. Called concurrently.</summary>
    /// <param name="http">The request and its answer; arguments of the route are in <c>Request.RouteValues</c>.</param>
    protected abstract Task HandleAsync(HttpContext http);

    internal sealed override async Task ServeAsync(HttpContext http)
    {
        string connection = http.Connection.Id;
        Running[connection] = true;
        try
        {
            await HandleAsync(http);
        }
        finally
        {
            Running.TryRemove(connection, out _);
        }
    }
}
