using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tideway.Components;
using Tideway.Server;

namespace ProbeService;

/// <summary>Tells what it knows: the time, its config, what another service answers.</summary>
public sealed class ProbeHandler(ProbeConfig config, ComponentContext context)
    : HttpHandler(config, context), INamedComponent, IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly TimeProvider _clock = context.TimeProvider;
    private readonly Counter<long> _questions = context.Meters.Create("probe").CreateCounter<long>("probe.questions");

    public static string ComponentName => "probe-handler";

    public void Dispose() => _http.Dispose();

    protected override async Task HandleAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        string? question = http.Request.Query["what"];
        _questions.Add(1, new KeyValuePair<string, object?>("by", $"{http.Request.Query["by"]}"));
        string answer = question switch
        {
            "time" => _clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture),
            "greeting" => config.Greeting,
            "process" => Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            "death" => Die(),
            "upstream" => await _http.GetStringAsync(new Uri(config.UpstreamUrl + "/orders/7?full=1")),
            _ => throw new BadHttpRequestException("what=time, greeting, process, upstream or death"),
        };
        await http.Response.WriteAsync(answer);
    }

    private static string Die()
    {
        Environment.Exit(3);
        return "dead";
    }
}
