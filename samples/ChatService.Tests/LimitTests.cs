using System.Net;
using System.Security.Cryptography;
using Tideway.Testing;
using Tideway.Testing.WebSockets;
using Xunit;

public sealed class LimitTests(ServiceFixture<ChatService> service) : IClassFixture<ServiceFixture<ChatService>>
{
    [Theory]
    [InlineData(0)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(100_000)] // max-remote-payload
    public async Task A_message_up_to_the_limit_comes_back(int length)
    {
        byte[] sent = RandomNumberGenerator.GetBytes(length);
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync(sent);
        Assert.Equal(sent, await chat.ReceiveBinaryAsync());
    }

    [Fact]
    public async Task One_byte_more_gets_1009()
    {
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync(new byte[100_001]);
        Assert.Equal(1009, (await chat.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task Many_connections_echo_at_once() =>
        await Task.WhenAll(Enumerable.Range(0, 300).Select(async number =>
        {
            await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
            for (int i = 0; i < 20; i++)
            {
                await chat.SendAsync($"{number}/{i}");
                Assert.Equal($"{number}/{i}", await chat.ReceiveTextAsync());
            }
        }));

    [Fact]
    public async Task The_page_is_served_and_other_paths_are_not()
    {
        Assert.Contains("new WebSocket(", await service.ServiceClient.GetStringAsync("/"), StringComparison.Ordinal);
        foreach ((string path, string method, HttpStatusCode status) in new[]
        {
            ("/nothing", "GET", HttpStatusCode.NotFound),
            ("/chat", "POST", HttpStatusCode.MethodNotAllowed),
            ("/chat", "GET", HttpStatusCode.BadRequest),
            ("/" + new string('x', 9000), "GET", HttpStatusCode.RequestUriTooLong),
        })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            using HttpResponseMessage response = await service.ServiceClient.SendAsync(request);
            Assert.Equal(status, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_handshake_on_another_path_is_refused()
    {
        HandshakeRefusedException refusal = await Assert.ThrowsAsync<HandshakeRefusedException>(
            () => service.WebSocketClient.ConnectAsync("/nothing"));
        Assert.Equal(404, refusal.Status);
    }
}
