using Microsoft.AspNetCore.Http;
using Tideway.Components;
using Tideway.WebSockets.Engine;

namespace Tideway.Server;

/// <summary>The base of components that answer HTTP requests.</summary>
/// <param name="config">The route.</param>
/// <param name="context">Who the handler is.</param>
public abstract class HttpHandler(HandlerConfig config, ComponentContext context) : Handler(config, context)
{
    /// <summary>Answers a request. Called concurrently.</summary>
    /// <param name="http">The request and its answer; arguments of the route are in <c>Request.RouteValues</c>.</param>
    protected abstract Task HandleAsync(HttpContext http);

    internal sealed override Task ServeAsync(HttpContext http) =>
        Loops is null ? HandleAsync(http) : HandleOnAsync(Loops, http);

    private Task HandleOnAsync(EventLoopGroup loops, HttpContext http)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loops.PickLoop().Post(
            async _ =>
            {
                try
                {
                    await HandleAsync(http);
                    done.SetResult();
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            },
            null);
        return done.Task;
    }
}
