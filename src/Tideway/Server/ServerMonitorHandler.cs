using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tideway.Components;
using Tideway.Observability;

namespace Tideway.Server;

/// <summary>Tells the metrics of the service: <c>handler-server-monitor</c>, usually <c>/service/monitor</c> on the
/// monitor listener.</summary>
/// <remarks>
/// The query says what: <c>format</c>; <c>path</c>, the exact name of a metric, or <c>prefix</c>, what names begin
/// with; and <c>labels</c>, a JSON object of labels that a value has to have.
/// </remarks>
/// <param name="config">The route, and what is told by default.</param>
/// <param name="context">Who the handler is.</param>
/// <param name="metrics">The metrics of the service.</param>
public sealed class ServerMonitorHandler(
    ServerMonitorConfig config, ComponentContext context, MetricsComponent metrics)
    : HttpHandler(config, context), INamedComponent
{
    private static readonly Dictionary<string, MetricFormat> _formats = Enum.GetValues<MetricFormat>()
        .ToDictionary(format => JsonNamingPolicy.KebabCaseLower.ConvertName(format.ToString()));

    // What counts before it is asked for the first time counts, too.
    private readonly MetricsCollector _collector = metrics.Collector;

    /// <inheritdoc/>
    public static string ComponentName => "handler-server-monitor";

    /// <inheritdoc/>
    protected override async Task HandleAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        IQueryCollection query = http.Request.Query;
        (string? path, string? prefix) = (NonEmpty(query["path"]), NonEmpty(query["prefix"]));
        if (path is not null && prefix is not null && path != prefix)
        {
            await RefuseAsync(http, "Both 'path' and 'prefix' are given, and differ; expected one of them");
            return;
        }

        MetricFormat? format = config.Format;
        string known = string.Join(", ", _formats.Keys);
        if (NonEmpty(query["format"]) is { } name)
        {
            if (!_formats.TryGetValue(name, out MetricFormat named))
            {
                await RefuseAsync(http, $"No format '{name}', expected one of {known}");
                return;
            }

            format = named;
        }

        if (format is not { } chosen)
        {
            await RefuseAsync(http, $"No 'format' in the query, and none in the config; expected one of {known}");
            return;
        }

        Dictionary<string, string>? labels = ReadLabels(NonEmpty(query["labels"]));
        if (labels is null)
        {
            await RefuseAsync(http, "'labels' is not a JSON object of strings");
            return;
        }

        IEnumerable<MetricSample> samples = _collector.Collect().Where(IsMeant);
        string text = MetricWriter.Write(samples, chosen, config.CommonLabels, TimeProvider.System.GetUtcNow());
        http.Response.ContentType =
            chosen is MetricFormat.Json or MetricFormat.Solomon ? "application/json" : "text/plain; charset=utf-8";
        await http.Response.WriteAsync(text, http.RequestAborted);

        bool IsMeant(MetricSample sample) =>
            (path is null || sample.Path == path)
            && (prefix is null || sample.Path.StartsWith(prefix, StringComparison.Ordinal))
            && labels.All(wanted => sample.Labels.Contains(wanted));
    }

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static Dictionary<string, string>? ReadLabels(string? json)
    {
        try
        {
            return json is null ? [] : JsonSerializer.Deserialize<Dictionary<string, string>>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Task RefuseAsync(HttpContext http, string reason)
    {
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(reason, http.RequestAborted);
    }
}
