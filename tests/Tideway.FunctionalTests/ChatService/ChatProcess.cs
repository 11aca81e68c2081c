using System.Net.WebSockets;

namespace Tideway.FunctionalTests.ChatService;

/// <summary>The real chat service as a process, with its own static config but for the port.</summary>
internal sealed class ChatProcess : ServiceProcess
{
    private ChatProcess(string config, params string[] arguments)
        : base("ChatService", config, arguments)
    {
    }

    /// <summary>The sample's own config, with a port that the system picks.</summary>
    public static string SampleConfig =>
        File.ReadAllText(Repository.Path("samples", "ChatService", "static_config.yaml"))
            .Replace("port: 8080", "port: 0");

    public Uri ChatUri => new($"ws://127.0.0.1:{Port}/chat");

    public static async Task<ChatProcess> StartAsync(string? config = null)
    {
        var service = new ChatProcess(config ?? SampleConfig);
        await service.WaitUntilListeningAsync();
        return service;
    }

    /// <summary>Starts the service without waiting until it listens.</summary>
    public static ChatProcess Launch(string config) => new(config);

    /// <summary>Runs the service to its end, and answers its exit code and what it printed.</summary>
    public static async Task<(int ExitCode, string[] Lines)> RunAsync(string config, params string[] arguments)
    {
        await using var service = new ChatProcess(config, arguments);
        return await service.WaitForEndAsync();
    }

    public async Task<ClientWebSocket> ConnectAsync()
    {
        var client = new ClientWebSocket();
        await client.ConnectAsync(ChatUri, default).WaitAsync(Patience);
        return client;
    }
}
