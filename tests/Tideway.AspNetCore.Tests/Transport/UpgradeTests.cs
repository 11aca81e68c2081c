using System.Text;
using Tideway.AspNetCore.Tests.Endpoints;
using Tideway.WebSockets.Framing;

namespace Tideway.AspNetCore.Tests.Transport;

/// <summary>The moment in which a request becomes a WebSocket, with the bytes around it cut in every way.</summary>
public abstract class UpgradeTests(bool onLoops)
{
    public sealed class OnStockTransport() : UpgradeTests(false);

    public sealed class OnLoops() : UpgradeTests(true);

    private static readonly byte[] _handshake = Encoding.Latin1.GetBytes(RawClient.Handshake);

    [Fact]
    public async Task Handshake_and_frames_may_be_cut_at_every_byte()
    {
        byte[] bytes = [
            .. _handshake, .. RawClient.Frame(Opcode.Text, "first"u8), .. RawClient.Frame(Opcode.Ping, "p"u8),
            .. RawClient.Frame(Opcode.Binary, new byte[70], fin: false),
            .. RawClient.Frame(Opcode.Continuation, new byte[70])];
        await using EchoApplication app = await EchoApplication.StartAsync(onLoops);
        for (int cut = 1; cut < bytes.Length; cut++)
        {
            using RawClient client = await RawClient.ConnectAsync(app.Port);
            await client.SendAsync(bytes.AsMemory(0, cut));
            await client.SendAsync(bytes.AsMemory(cut));
            await CheckAnswersAsync(client);
        }
    }

    [Fact]
    public async Task Handshake_and_frames_may_come_one_byte_at_a_time()
    {
        byte[] bytes = [
            .. _handshake, .. RawClient.Frame(Opcode.Text, "first"u8), .. RawClient.Frame(Opcode.Ping, "p"u8),
            .. RawClient.Frame(Opcode.Binary, new byte[140])];
        await using EchoApplication app = await EchoApplication.StartAsync(onLoops);
        using RawClient client = await RawClient.ConnectAsync(app.Port);
        foreach (byte value in bytes) await client.SendAsync(new[] { value });
        await CheckAnswersAsync(client);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(40_000)]
    public async Task What_follows_the_handshake_at_once_is_received_in_order_however_much_it_is(int count)
    {
        await using EchoApplication app = await EchoApplication.StartAsync(onLoops);
        using var bytes = new MemoryStream();
        bytes.Write(_handshake);
        for (int i = 0; i < count; i++) bytes.Write(RawClient.Frame(Opcode.Binary, BitConverter.GetBytes(i * 7919L)));
        using RawClient client = await RawClient.ConnectAsync(app.Port);
        Task sending = Task.Run(() => client.SendAsync(bytes.ToArray()));
        await client.ReadHeadAsync();
        byte[] answers = await client.ReadAsync(count * 10);
        for (int i = 0; i < count; i++)
        {
            Assert.Equal([0x82, 8], answers[(i * 10)..((i * 10) + 2)]);
            Assert.Equal(i * 7919L, BitConverter.ToInt64(answers, (i * 10) + 2));
        }

        await sending;
    }

    [Fact]
    public async Task A_refused_handshake_leaves_the_connection_to_the_next_request()
    {
        await using EchoApplication app = await EchoApplication.StartAsync(onLoops);
        using RawClient client = await RawClient.ConnectAsync(app.Port);
        string bad = RawClient.Handshake.Replace("Version: 13", "Version: 8", StringComparison.Ordinal);
        await client.SendAsync(bad);
        string head = await client.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 426 ", head);
        Assert.Contains("chunked", head);
        while (!(await client.ReadLineAsync()).StartsWith('0')) continue;
        await client.ReadLineAsync();
        await client.SendAsync(RawClient.Handshake);
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync());
        await client.SendAsync(RawClient.Frame(Opcode.Text, "now"u8));
        Assert.Equal((Opcode.Text, "now"), Text(await client.ReadFrameAsync()));
    }

    private static async Task CheckAnswersAsync(RawClient client)
    {
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync());
        var answers = new List<(Opcode Opcode, byte[] Payload)>();
        for (int i = 0; i < 3; i++) answers.Add(await client.ReadFrameAsync());

        // A pong may overtake the answers of the handler.
        (Opcode Opcode, byte[] Payload) pong = Assert.Single(answers, answer => answer.Opcode == Opcode.Pong);
        Assert.Equal("p"u8.ToArray(), pong.Payload);
        answers.Remove(pong);
        Assert.Equal((Opcode.Text, "first"), Text(answers[0]));
        Assert.Equal((Opcode.Binary, 140), (answers[1].Opcode, answers[1].Payload.Length));
    }

    private static (Opcode, string) Text((Opcode Opcode, byte[] Payload) frame) =>
        (frame.Opcode, Encoding.UTF8.GetString(frame.Payload));
}
