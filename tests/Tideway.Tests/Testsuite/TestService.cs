using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Tideway.Components;
using Tideway.Configuration;
using Tideway.Observability;
using Tideway.Server;
using Tideway.Tests.Configuration;

namespace Tideway.Tests.Testsuite;

/// <summary>A whole service, from its static config on, that is under the control of a test.</summary>
internal sealed class TestService(ComponentSystem system, LoggerRegistry logging, TempFolder folder) : IAsyncDisposable
{
    public const string Control = """
            testsuite-support: { testsuite-tasks-enabled: true }
            tests-control: { path: '/tests/{action}' }

        """;

    public const string Monitor = """
            handler-server-monitor: { path: /service/monitor }

        """;

    public static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    public HttpClient Http { get; } = new();

    public ComponentSystem System => system;

    public Uri Url => new(system.Find<ServerComponent>().Addresses.Single());

    public Uri MonitorUrl => new(system.Find<ServerComponent>().MonitorAddresses.Single());

    /// <summary>The file of the logger <c>default</c>.</summary>
    public string LogPath => folder.PathOf("log");

    /// <summary>Starts a service.</summary>
    /// <param name="sections">The sections of its components, YAML, indented by four or more.</param>
    /// <param name="more">The components beside those of a server.</param>
    /// <param name="logger">More options of the logger <c>default</c>.</param>
    /// <param name="listener">More options of the listener.</param>
    public static async Task<TestService> StartAsync(
        string sections, Action<ComponentList>? more = null, string logger = "", string listener = "")
    {
        var folder = new TempFolder();
        string path = folder.PathOf("config.yaml");
        await File.WriteAllTextAsync(path, $$"""
            components_manager:
              components:
                server:
                  listener: { address: 127.0.0.1, port: 0{{listener}} }
                  listener-monitor: { address: 127.0.0.1, port: 0 }
                logging: { loggers: { default: { file_path: '{{folder.PathOf("log")}}'{{logger}} } } }

            """ + sections, Patience);
        ComponentList components = ComponentList.MinimalServer();
        more?.Invoke(components);
        var config = ServiceConfig.Load(path, new ConfigLoadOptions(), components);
        var logging = LoggerRegistry.Open((LoggingConfig)config.Components["logging"]);
        try
        {
            ComponentSystem system = await ComponentSystem.StartAsync(
                components, config.Components, config.NewClock(), logging, config.Root.ComponentsManager, Patience);
            return new TestService(system, logging, folder);
        }
        catch
        {
            await logging.DisposeAsync();
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Has the service do something, and reads the answer.</summary>
    public async Task<JsonNode?> DoAsync(string action, string json = "{}")
    {
        (HttpStatusCode status, JsonNode? answer) = await TryAsync(action, json);
        Assert.True(status == HttpStatusCode.OK, $"{action}: {(int)status} {answer?.ToJsonString()}");
        return answer;
    }

    /// <summary>Asks the service to do something.</summary>
    public async Task<(HttpStatusCode Status, JsonNode? Answer)> TryAsync(string action, string json = "{}")
    {
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Http.PostAsync(new Uri(Url, $"/tests/{action}"), body, Patience);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Patience)));
    }

    /// <summary>Reads one metric as a test does; null if there is none of these labels.</summary>
    public async Task<JsonNode?> MetricAsync(string path, string labels = "{}")
    {
        string text = await Http.GetStringAsync(
            new Uri(MonitorUrl, $"/service/monitor?format=json&path={path}&labels={Uri.EscapeDataString(labels)}"),
            Patience);
        return JsonNode.Parse(text)![path] is JsonArray values ? Assert.Single(values)!["value"] : null;
    }

    public async Task<ClientWebSocket> ConnectAsync(string path)
    {
        var client = new ClientWebSocket();
        client.Options.KeepAliveInterval = TimeSpan.Zero;
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{Url.Port}{path}"), Patience);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await system.StopAsync(Patience);
        await logging.DisposeAsync();
        folder.Dispose();
    }
}
