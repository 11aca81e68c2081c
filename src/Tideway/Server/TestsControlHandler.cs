using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tideway.Components;
using Tideway.DynamicConfig;
using Tideway.Observability;
using Tideway.Testsuite;

namespace Tideway.Server;

/// <summary>Lets functional tests steer the service: the <c>tests-control</c> handler, usually
/// <c>/tests/{action}</c>.</summary>
/// <remarks>Whoever reaches it can stop the clock of the service. It is loaded only when its section is in the static
/// config, and belongs into that of tests alone.</remarks>
public sealed partial class TestsControlHandler : HttpHandler, INamedComponent, IDisposable
{
    private readonly ControlActions _actions;
    private readonly Testpoints _testpoints;
    private readonly TestpointClient? _client;
    private readonly ILogger _logger;

    /// <summary>Prepares the handler.</summary>
    /// <param name="config">The route, and where testpoints are told.</param>
    /// <param name="context">Who the handler is.</param>
    /// <param name="testsuite">What components offer to tests.</param>
    /// <param name="testpoints">The testpoints of the service.</param>
    /// <param name="metrics">The metrics of the service.</param>
    /// <param name="dynamicConfig">The variables of the service; null for none.</param>
    /// <param name="webSockets">The handlers whose connections live by the clock.</param>
    public TestsControlHandler(
        TestsControlConfig config,
        ComponentContext context,
        TestsuiteSupportComponent testsuite,
        Testpoints testpoints,
        MetricsComponent metrics,
        DynamicConfigComponent? dynamicConfig,
        IReadOnlyList<WebSocketHandler> webSockets)
        : base(config, context)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(testpoints);
        _logger = context.LoggerFactory.CreateLogger(context.ComponentName);
        _testpoints = testpoints;
        if (config.TestpointUrl is { } url)
        {
            _client = new TestpointClient(
                new Uri(url), config.TestpointTimeout, config.SkipUnregisteredTestpoints, _logger);
            testpoints.Connect(_client);
        }

        _actions = new ControlActions(context, testsuite, _client, metrics, dynamicConfig, webSockets);
        ControlIsOn(_logger, config.Path);
    }

    /// <inheritdoc/>
    public static string ComponentName => "tests-control";

    /// <inheritdoc/>
    public void Dispose()
    {
        _testpoints.Connect(null);
        _client?.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task HandleAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        string action = http.Request.RouteValues["action"] as string ?? "";
        int status = StatusCodes.Status200OK;
        JsonNode? answer;
        try
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            var request = ControlRequest.Parse(body.ToArray());
            if (action.Length == 0 || action == ControlActions.Default)
                action = request.Text("action") ?? ControlActions.Default;
            answer = await _actions.PerformAsync(action, request, http.RequestAborted);
        }
        catch (ControlException exception)
        {
            (status, answer) = (exception.Status, Problem(exception.Status, exception.Message));
        }
        catch (Exception exception) when (
            exception is not BadHttpRequestException && !http.RequestAborted.IsCancellationRequested)
        {
            status = StatusCodes.Status500InternalServerError;
            ActionFailed(_logger, action, exception);
            answer = Problem(status, $"{action} failed: {exception.Message}");
        }

        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer), http.RequestAborted);
    }

    private static JsonObject Problem(int status, string message) =>
        new() { ["code"] = status.ToString(System.Globalization.CultureInfo.InvariantCulture), ["message"] = message };

    [LoggerMessage(210, LogLevel.Warning,
        "Test control is on: whoever can reach {Path} controls this service. Only the config of tests may have "
        + "tests-control")]
    private static partial void ControlIsOn(ILogger logger, string path);

    [LoggerMessage(211, LogLevel.Error, "Test control: {Action} failed")]
    private static partial void ActionFailed(ILogger logger, string action, Exception exception);
}
