using Microsoft.AspNetCore.Http;
using Tideway.Components;
using Tideway.Configuration;
using Tideway.Server;

namespace Tideway.Tests.Server;

public sealed class ServiceHostTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tideway-").FullName;

    private static ComponentList Components =>
        ComponentList.MinimalServer().Append<NameHandler>("name-handler").Append<NameHandler>("admin-handler");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Services_run_side_by_side_in_one_process_and_stop_by_themselves()
    {
        await using var first = ServiceHost.Load(Components, Write("one"));
        await using var second = ServiceHost.Load(Components, Write("two"));
        Assert.Empty(first.Addresses);
        await Task.WhenAll(first.StartAsync(TestServer.Patience), second.StartAsync(TestServer.Patience));
        using var http = new HttpClient();
        Assert.Equal("one", await http.GetStringAsync(UrlOf(first.Addresses), TestServer.Patience));
        Assert.Equal("two", await http.GetStringAsync(UrlOf(second.Addresses), TestServer.Patience));
        Assert.Equal("admin of one", await http.GetStringAsync(UrlOf(first.MonitorAddresses), TestServer.Patience));

        await first.StopAsync();
        await first.StopAsync();
        await Assert.ThrowsAsync<HttpRequestException>(
            () => http.GetAsync(UrlOf(first.Addresses), TestServer.Patience));
        Assert.Equal("two", await http.GetStringAsync(UrlOf(second.Addresses), TestServer.Patience));
    }

    [Fact]
    public async Task Without_a_server_it_listens_nowhere()
    {
        string path = Path.Combine(_folder, "config.yaml");
        await File.WriteAllTextAsync(
            path,
            "components_manager: { components: { logging: { loggers: { default: { file_path: '@null' } } } } }",
            TestServer.Patience);
        await using var host = ServiceHost.Load(ComponentList.Minimal(), path);
        await host.StartAsync(TestServer.Patience);
        Assert.Empty(host.Addresses);
        Assert.Empty(host.MonitorAddresses);
    }

    [Fact]
    public void A_config_with_mistakes_is_not_loaded()
    {
        string path = Path.Combine(_folder, "config.yaml");
        File.WriteAllText(path, "components_manager: { components: { server: { listener: { prot: 1 } } } }");
        ConfigException refusal = Assert.Throws<ConfigException>(() => ServiceHost.Load(Components, path));
        Assert.Contains("did you mean 'port'?", refusal.Message, StringComparison.Ordinal);
    }

    private static Uri UrlOf(IReadOnlyCollection<string> addresses) => new(addresses.Single());

    private string Write(string name)
    {
        string path = Path.Combine(_folder, name + ".yaml");
        File.WriteAllText(
            path,
            $$"""
            components_manager:
              components:
                server:
                  listener: { address: 127.0.0.1, port: 0 }
                  listener-monitor: { address: 127.0.0.1, port: 0 }
                  server-name: {{name}}
                name-handler: { path: / }
                admin-handler: { path: /, monitor-handler: true }
                logging: { loggers: { default: { file_path: '@null' } } }
            """);
        return path;
    }

    private sealed class NameHandler(HandlerConfig config, ComponentContext context)
        : HttpHandler(config, context), INamedComponent
    {
        public static string ComponentName => "name-handler";

        protected override Task HandleAsync(HttpContext http)
        {
            string prefix = HandlerName == "admin-handler" ? "admin of " : "";
            return http.Response.WriteAsync(prefix + http.Response.Headers.Server, http.RequestAborted);
        }
    }
}
