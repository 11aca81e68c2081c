using Tideway.Testing.WebSockets;
using Tideway.Testing.Wire;

namespace Tideway.Testing.Tests.WebSockets;

public sealed class StrictWebSocketTests
{
    private static readonly byte[] _badText = [0xC3, 0x28];

    /// <summary>What a service must not send, and what the client says to it.</summary>
    public static TheoryData<string, byte[]> Violations { get; } = new()
    {
        { "A server frame is masked", Frame.Text("hi").Encode(masks: true) },
        { "reserved opcode 3", new Frame(3, []).Encode(masks: false) },
        { "reserved bits 4", (Frame.Text("hi") with { Reserved = 4 }).Encode(masks: false) },
        { "The length 5 takes 16 bits", (Frame.Text("hello") with { Form = LengthForm.SixteenBits }).Encode(false) },
        { "control frame is fragmented", Frame.Ping("x").Unfinished().Encode(masks: false) },
        { "longer than 125 bytes", Frame.Ping(new byte[126]).Encode(masks: false) },
        { "Out of sequence", Frame.Continuation("x").Encode(masks: false) },
        { "not UTF-8", Frame.Text(_badText).Encode(masks: false) },
        { "code 1005", Frame.Close(1005).Encode(masks: false) },
        { "half a code", Frame.Close([3]).Encode(masks: false) },
        { "reason of a close frame is not UTF-8", Frame.Close([3, 0xE8, .. _badText]).Encode(masks: false) },
        { "another frame", [.. Frame.Close(1000).Encode(false), .. Frame.Text("late").Encode(false)] },
    };

    /// <summary>Answers to a handshake that are no right ones.</summary>
    public static TheoryData<string> Answers { get; } =
    [
        "Connection: Upgrade|Sec-WebSocket-Accept: {accept}",
        "Upgrade: websocket|Sec-WebSocket-Accept: {accept}",
        "Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Accept: AAAA",
        "Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Accept: {accept}|Sec-WebSocket-Protocol: chat",
        "Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Accept: {accept}|"
            + "Sec-WebSocket-Extensions: permessage-deflate",
    ];

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task What_must_not_be_sent_fails_the_receiver_and_the_test(string expected, byte[] bytes)
    {
        (ScriptedService service, StrictWebSocket client) = await ScriptedService.ConnectAsync();
        await using (service)
        {
            await service.Wire.SendAsync(bytes);
            await Assert.ThrowsAsync<WireException>(client.ReceiveTextAsync);
            await client.DisposeAsync();
            Assert.Contains(expected, Assert.Single(service.Run.TakeProblems()), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_wrong_answer_to_the_handshake_is_refused(string lines) =>
        await Assert.ThrowsAsync<WireException>(
            () => ScriptedService.ConnectAsync("101 Switching Protocols", lines.Split('|'), null));

    [Fact]
    public async Task Another_status_is_told_with_its_body()
    {
        HandshakeRefusedException refusal = await Assert.ThrowsAsync<HandshakeRefusedException>(
            () => ScriptedService.ConnectAsync("403 Forbidden", ["Content-Length: 0"], null));
        Assert.Equal(403, refusal.Status);
    }

    [Fact]
    public async Task Pings_and_closes_are_answered_without_a_word_of_the_test()
    {
        (ScriptedService service, StrictWebSocket client) = await ScriptedService.ConnectAsync();
        await using (service)
        await using (client)
        {
            await service.Wire.SendFramesAsync(Frame.Ping("are you there"));
            Frame? pong = await service.Wire.ReadFrameAsync();
            Assert.Equal(Frame.PongOpcode, pong!.Opcode);
            Assert.Equal("are you there"u8.ToArray(), pong.Payload);
            Assert.Equal("are you there"u8.ToArray(), await client.ReceivePingAsync());

            await service.Wire.SendFramesAsync(Frame.Close(4001, "enough"));
            Assert.Equal(new ReceivedClose(4001, "enough"), await client.ReceiveCloseAsync());
            Frame? close = await service.Wire.ReadFrameAsync();
            Assert.Equal(Frame.Close(4001, "enough").Payload, close!.Payload);
            service.Wire.EndSending();
        }

        Assert.Empty(service.Run.TakeProblems());
    }

    [Fact]
    public async Task A_client_told_to_be_silent_answers_neither()
    {
        (ScriptedService service, StrictWebSocket client) = await ScriptedService.ConnectAsync(
            new StrictWebSocketOptions { AnswersPings = false, AnswersCloses = false });
        await using (service)
        {
            await service.Wire.SendFramesAsync(Frame.Ping("one"), Frame.Close(1000));
            await client.ReceivePingAsync();
            await client.ReceiveCloseAsync();
            await client.SendAsync("still there");
            Assert.Equal(Frame.TextOpcode, (await service.Wire.ReadFrameAsync())!.Opcode);
            client.Abort();
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_end_without_a_close_frame_is_1006_and_fails_a_test_that_does_not_look()
    {
        (ScriptedService service, StrictWebSocket client) = await ScriptedService.ConnectAsync();
        await service.DisposeAsync();
        WireException failure = await Assert.ThrowsAsync<WireException>(client.ReceiveTextAsync);
        Assert.Contains("the end of the transport without a close frame", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1006, (await client.ReceiveCloseAsync()).Code);
        await client.DisposeAsync();
        Assert.Empty(service.Run.TakeProblems());

        (service, client) = await ScriptedService.ConnectAsync();
        await service.Wire.SendFramesAsync(Frame.Close(1011, "failed"));
        await service.Wire.ReadFrameAsync();
        await service.DisposeAsync();
        await client.DisposeAsync();
        Assert.Contains("1011 'failed'", Assert.Single(service.Run.TakeProblems()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_missed_with_what_went_over_the_wire()
    {
        (ScriptedService service, StrictWebSocket client) = await ScriptedService.ConnectAsync(
            new StrictWebSocketOptions { Patience = TimeSpan.FromMilliseconds(300) });
        await using (service)
        {
            WireException failure = await Assert.ThrowsAsync<WireException>(client.ReceiveTextAsync);
            Assert.Contains("nothing came within 0.3 s", failure.Message, StringComparison.Ordinal);
            Assert.Contains("received 48 54 54 50", failure.Message, StringComparison.Ordinal);
            client.Abort();
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_consumer_that_pauses_lets_the_service_find_the_way_full()
    {
        (ScriptedService service, StrictWebSocket client) = await ScriptedService.ConnectAsync();
        await using (service)
        {
            Task sending;
            using (client.PauseReading())
            {
                sending = SendManyAsync();
                Assert.NotSame(sending, await Task.WhenAny(sending, Task.Delay(300)));
            }

            for (int i = 0; i < 100; i++) Assert.Equal(1_000_000, (await client.ReceiveBinaryAsync()).Length);
            await sending;
            client.Abort();
            await client.DisposeAsync();
        }

        async Task SendManyAsync()
        {
            byte[] frame = service.Wire.Encode(Frame.Binary(new byte[1_000_000]));
            for (int i = 0; i < 100; i++) await service.Wire.SendAsync(frame);
        }
    }
}
