using Microsoft.AspNetCore.Http;
using Tideway.Components;
using Tideway.Server;

namespace LiveChatService;

internal sealed class PageHandler(HandlerConfig config, ComponentContext context)
    : HttpHandler(config, context), INamedComponent
{
    public static string ComponentName => "page-handler";

    protected override async Task HandleAsync(HttpContext http)
    {
        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.SendFileAsync(Path.Combine(AppContext.BaseDirectory, "index.html"));
    }
}
