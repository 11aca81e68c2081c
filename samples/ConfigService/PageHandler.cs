using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Tideway.Components;
using Tideway.Server;

namespace ConfigService;

/// <summary>Serves the page for operators.</summary>
internal sealed class PageHandler(HandlerConfig config, ComponentContext context)
    : HttpHandler(config, context), INamedComponent
{
    private readonly string _page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "index.html"));

    public static string ComponentName => "page-handler";

    protected override Task HandleAsync(HttpContext http)
    {
        // The browser runs the page's own script, talks to this service, and does nothing else.
        string nonce = RandomNumberGenerator.GetHexString(32);
        http.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync(_page.Replace("$NONCE", nonce, StringComparison.Ordinal));
    }
}
