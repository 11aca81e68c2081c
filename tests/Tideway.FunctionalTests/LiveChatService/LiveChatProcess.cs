using Tideway.FunctionalTests.ConfigService;

namespace Tideway.FunctionalTests.LiveChatService;

/// <summary>The real chat service with dynamic config as a process, with its own static config but for what a test must
/// choose.</summary>
internal sealed class LiveChatProcess : ServiceProcess
{
    private LiveChatProcess(string config, params string[] arguments)
        : base("LiveChatService", config, arguments, isMeasured: true)
    {
    }

    /// <summary>Starts the service on the values of a config service, or of the cache if that is not there.</summary>
    /// <param name="configService">Where it asks.</param>
    /// <param name="cache">Where it keeps the last good values.</param>
    /// <param name="interval">How often it asks.</param>
    public static async Task<LiveChatProcess> StartAsync(Uri configService, string cache, string interval = "50ms")
    {
        string path = Repository.Path("samples", "LiveChatService", "static_config.yaml");
        string config = await File.ReadAllTextAsync(path);
        var service = new LiveChatProcess(config
            .Replace("port: 8080", "port: 0", StringComparison.Ordinal)
            .Replace("http://127.0.0.1:8083", configService.ToString(), StringComparison.Ordinal)
            .Replace(" update-interval: 1s", $" update-interval: {interval}", StringComparison.Ordinal)
            .Replace("fs-cache-path: live-chat.cache.json", $"fs-cache-path: {cache}", StringComparison.Ordinal));
        await service.WaitUntilListeningAsync();
        return service;
    }

    /// <summary>Publishes the variables of the service, as its deployment does.</summary>
    public static async Task PublishAsync(ConfigProcess configService)
    {
        await using var service = new LiveChatProcess("", "--print-dynamic-config-schema");
        (int exitCode, string[] lines) = await service.WaitForEndAsync();
        Assert.Equal(0, exitCode);
        await configService.PublishAsync("chat", string.Join('\n', lines));
    }

    public Task<ChatClient> ConnectAsync() => ChatClient.ConnectAsync(new Uri($"ws://127.0.0.1:{Port}/chat"));
}
