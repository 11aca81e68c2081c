using System.Net.WebSockets;

namespace Tideway.FunctionalTests.ChatService;

/// <summary>The real chat service, whose values change in a watched file while it runs.</summary>
public sealed class DynamicConfigTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("tideway-").FullName;

    private string Values => Path.Combine(_folder, "dynamic.yaml");

    private string Config => ChatProcess.SampleConfig + $"""

            dynamic-config:
              watch-path: {Values}
              fs-cache-path: {Path.Combine(_folder, "cache", "values.json")}

        """;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_operator_changes_what_an_open_connection_may_send_and_a_wrong_value_changes_nothing()
    {
        Write(500);
        await using ChatProcess service = await ChatProcess.StartAsync(Config);
        using ClientWebSocket chat = await service.ConnectAsync();
        Assert.Equal(400, await EchoAsync(chat, 400));

        Write(200_000);
        await service.WaitForLineAsync("other values for TIDEWAY_HANDLER_LIMITS", times: 2);
        Assert.Equal(150_000, await EchoAsync(chat, 150_000));

        File.WriteAllText(Values, "TIDEWAY_HANDLER_LIMITS: { websocket-handler: { max-remote-payload: many } }");
        await service.WaitForLineAsync(
            "TIDEWAY_HANDLER_LIMITS.websocket-handler.max-remote-payload: found the string 'many', "
                + "expected an integer");
        Assert.Equal(150_000, await EchoAsync(chat, 150_000));
        Assert.Equal(0, await service.TerminateAsync());

        // The file is still wrong: the next start has the last good values.
        await using ChatProcess restarted = await ChatProcess.StartAsync(Config);
        using ClientWebSocket again = await restarted.ConnectAsync();
        Assert.Equal(150_000, await EchoAsync(again, 150_000));
        Write(10);
        await restarted.WaitForLineAsync("other values for TIDEWAY_HANDLER_LIMITS", times: 2);
        Assert.Equal(0, await EchoAsync(again, 11));
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, again.CloseStatus);
    }

    private static async Task<int> EchoAsync(ClientWebSocket chat, int size)
    {
        await chat.SendAsync(new byte[size], WebSocketMessageType.Binary, true, default).WaitAsync(_patience);
        byte[] buffer = new byte[200_000];
        int length = 0;
        while (true)
        {
            WebSocketReceiveResult piece = await chat
                .ReceiveAsync(new ArraySegment<byte>(buffer, length, buffer.Length - length), default)
                .WaitAsync(_patience);
            length += piece.Count;
            if (piece.EndOfMessage) return length;
        }
    }

    private void Write(int payload) => File.WriteAllText(
        Values, $"TIDEWAY_HANDLER_LIMITS:\n  websocket-handler: {{ max-remote-payload: {payload} }}\n");
}
