using System.Text;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>What the connection does with each kind of input, seen from a bare socket.</summary>
public abstract class ProtocolTests(TestedChannel channel) : ChannelTests(channel)
{
    public sealed class OverStreams() : ProtocolTests(TestedChannel.Stream);

    public sealed class OverLoops() : ProtocolTests(TestedChannel.Loop);

    /// <summary>Bytes that break the protocol, and the code with which the connection must fail.</summary>
    public static TheoryData<string, byte[], int> Violations { get; } = new()
    {
        { "an unmasked frame", RawPeer.Frame(Opcode.Text, "hi"u8, masked: false), 1002 },
        { "reserved bit 1", WithFirstByte(0xC1), 1002 },
        { "reserved bit 2", WithFirstByte(0xA1), 1002 },
        { "reserved bit 3", WithFirstByte(0x91), 1002 },
        { "reserved data opcode, at the header", [0x83], 1002 },
        { "reserved control opcode, at the header", [0x8B], 1002 },
        { "a fragmented ping", RawPeer.Frame(Opcode.Ping, "x"u8, fin: false), 1002 },
        { "a fragmented close", RawPeer.Frame(Opcode.Close, [], fin: false), 1002 },
        { "a ping of 126 bytes", RawPeer.Frame(Opcode.Ping, new byte[126]), 1002 },
        { "5 in a 16-bit length", [0x82, 0x80 | 126, 0, 5, 1, 2, 3, 4], 1002 },
        { "300 in a 64-bit length", [0x82, 0x80 | 127, 0, 0, 0, 0, 0, 0, 1, 44, 1, 2, 3, 4], 1002 },
        { "a length with the top bit", [0x82, 0x80 | 127, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], 1002 },
        { "a huge length", [0x82, 0x80 | 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4], 1009 },
        { "a continuation of nothing", RawPeer.Frame(Opcode.Continuation, "x"u8), 1002 },
        {
            "a new message inside one",
            [.. RawPeer.Frame(Opcode.Text, "a"u8, fin: false), .. RawPeer.Frame(Opcode.Text, "b"u8)], 1002
        },
        {
            "a new message after an empty first fragment",
            [.. RawPeer.Frame(Opcode.Text, [], fin: false), .. RawPeer.Frame(Opcode.Binary, "b"u8)], 1002
        },
        { "text that is not UTF-8", RawPeer.Frame(Opcode.Text, [0x61, 0xFF]), 1007 },
        { "text that ends inside a character", RawPeer.Frame(Opcode.Text, [0xE2, 0x82]), 1007 },
        { "a bad byte in an unfinished message", RawPeer.Frame(Opcode.Text, [0x61, 0xC0], fin: false), 1007 },
        { "a bad byte in an unfinished frame", RawPeer.Frame(Opcode.Text, [0xED, 0xA0, 0x80, 1, 2, 3])[..8], 1007 },
        { "a close of one byte", RawPeer.Frame(Opcode.Close, [3]), 1002 },
        { "a close reason that is not UTF-8", RawPeer.Frame(Opcode.Close, [0x03, 0xE8, 0xFF]), 1007 },
        { "a message beyond the limit", RawPeer.Frame(Opcode.Binary, new byte[1001]), 1009 },
        {
            "more empty fragments than have a purpose",
            [
                .. RawPeer.Frame(Opcode.Text, [], fin: false),
                .. Enumerable.Repeat(RawPeer.Frame(0, [], fin: false), 256).SelectMany(bytes => bytes),
            ],
            1008
        },
        {
            "fragments beyond the limit",
            [
                .. RawPeer.Frame(Opcode.Binary, new byte[900], fin: false),
                .. RawPeer.Frame(Opcode.Continuation, new byte[101]),
            ],
            1009
        },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_violation_is_answered_with_its_code_and_told_to_the_handler(string what, byte[] bytes, int code)
    {
        await using RawPeer peer = await ConnectAsync(options: new() { MaxRemotePayload = 1000 });
        await peer.SendBytesAsync(bytes);

        Message message = await peer.Connection.ReceiveAsync(TestContext.Current.CancellationToken);

        Assert.True(message.IsClose, what);
        Assert.Equal((CloseCode)code, message.CloseReason!.Code);
        Assert.Equal(CloseOrigin.Local, message.CloseReason.Origin);
        (int sent, string reason) = await peer.ReadCloseAsync();
        Assert.Equal((code, message.CloseReason.Text), (sent, reason));
        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await peer.Connection.ReceiveAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(999)]
    [InlineData(1004)]
    [InlineData(1005)]
    [InlineData(1006)]
    [InlineData(1015)]
    [InlineData(1016)]
    [InlineData(2999)]
    [InlineData(5000)]
    public async Task A_close_code_that_must_not_be_sent_is_a_protocol_error_and_ends_the_transport(int code)
    {
        // No second close frame comes from such a peer: the end does not wait for one.
        await using RawPeer peer = await ConnectAsync(options: new() { CloseTimeout = TimeSpan.FromHours(1) });
        await peer.AnswerCloseAsync(code);
        await peer.Connection.ReceiveAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1002, (await peer.ReadCloseAsync()).Code);
        Assert.Equal(0, await peer.ReadToEndAsync());
        await peer.Connection.Completion.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1003)]
    [InlineData(1007)]
    [InlineData(1012)]
    [InlineData(1014)]
    [InlineData(3000)]
    [InlineData(4999)]
    public async Task A_close_is_echoed_and_ends_the_transport_without_the_handlers_help(int code)
    {
        await using RawPeer peer = await ConnectAsync();
        Task<Message> receive = peer.Connection.ReceiveAsync().AsTask();
        await peer.AnswerCloseAsync(code);

        Message message = await receive;
        Assert.Equal(new CloseReason((CloseCode)code, "", CloseOrigin.Peer), message.CloseReason);
        Assert.Equal(code, (await peer.ReadCloseAsync()).Code);
        Assert.Equal(0, await peer.ReadToEndAsync());
        await peer.Connection.Completion;
    }

    [Fact]
    public async Task A_close_without_a_code_is_answered_without_one_and_reported_as_1005()
    {
        await using RawPeer peer = await ConnectAsync();
        await peer.SendAsync(Opcode.Close, []);
        Message message = await peer.Connection.ReceiveAsync(TestContext.Current.CancellationToken);
        Assert.Equal(CloseCode.NoStatusReceived, message.CloseReason!.Code);
        Assert.Equal(1005, (await peer.ReadCloseAsync()).Code);
    }

    [Fact]
    public async Task A_close_reason_is_read()
    {
        await using RawPeer peer = await ConnectAsync();
        await peer.SendAsync(Opcode.Close, [0x0F, 0xA0, .. "bye – tschüß"u8]);
        Message message = await peer.Connection.ReceiveAsync(TestContext.Current.CancellationToken);
        Assert.Equal(new CloseReason((CloseCode)4000, "bye – tschüß", CloseOrigin.Peer), message.CloseReason);
    }

    [Fact]
    public async Task A_close_inside_a_fragmented_message_is_read_alone()
    {
        await using RawPeer peer = await ConnectAsync();
        await peer.SendTextAsync("unfinished", fin: false);
        await peer.SendAsync(Opcode.Close, [0x03, 0xE8, .. "done"u8]);
        Message message = await peer.Connection.ReceiveAsync(TestContext.Current.CancellationToken);
        Assert.Equal(new CloseReason(CloseCode.NormalClosure, "done", CloseOrigin.Peer), message.CloseReason);
    }

    [Fact]
    public async Task Data_after_a_close_is_ignored()
    {
        await using RawPeer peer = await ConnectAsync();
        await peer.SendBytesAsync((byte[])[
            .. RawPeer.Frame(Opcode.Close, [0x03, 0xE8]), .. RawPeer.Frame(Opcode.Text, "late"u8)]);
        Assert.True((await peer.Connection.ReceiveAsync()).IsClose);
        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await peer.Connection.ReceiveAsync());
        Assert.Equal(0, peer.Connection.MessagesReceived);
    }

    [Fact]
    public async Task A_close_from_here_waits_for_the_peers_and_forbids_sends()
    {
        await using RawPeer peer = await ConnectAsync();
        Task closed = peer.Connection.CloseAsync((CloseCode)4001, "enough");
        Assert.Equal((4001, "enough"), await peer.ReadCloseAsync());
        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await peer.Connection.SendTextAsync("late"));
        Assert.False(closed.IsCompleted);

        await peer.SendTextAsync("crossing");
        await peer.AnswerCloseAsync();
        await closed;
        Assert.Equal(0, await peer.ReadToEndAsync());
    }

    [Fact]
    public async Task A_second_close_is_ignored()
    {
        await using RawPeer peer = await ConnectAsync();
        Task first = peer.Connection.CloseAsync(CloseCode.GoingAway);
        Task second = peer.Connection.CloseAsync(CloseCode.NormalClosure);
        Assert.Equal(1001, (await peer.ReadCloseAsync()).Code);
        await peer.AnswerCloseAsync();
        await Task.WhenAll(first, second);
        Assert.Equal(0, await peer.ReadToEndAsync());
    }

    [Fact]
    public async Task A_close_that_is_not_answered_in_time_cuts_the_transport()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using RawPeer peer = await ConnectAsync(options: new() { TimeProvider = time });
        Task<Message> receive = peer.Connection.ReceiveAsync().AsTask();
        Task closed = peer.Connection.CloseAsync();
        await receive; // The closing state, and with it the timer, has begun.
        await peer.ReadCloseAsync();
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(closed.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.2));
        await closed;
        await peer.ReadUntilCutAsync();
    }

    [Fact]
    public async Task A_ping_is_answered_with_its_payload_while_nobody_receives()
    {
        await using RawPeer peer = await ConnectAsync();
        await peer.SendAsync(Opcode.Ping, "are you there"u8);
        (Opcode opcode, bool fin, byte[] payload) = await peer.ReadFrameAsync();
        Assert.Equal((Opcode.Pong, true, "are you there"), (opcode, fin, Encoding.UTF8.GetString(payload)));
    }

    [Fact]
    public async Task Control_frames_between_fragments_do_not_touch_the_message()
    {
        await using RawPeer peer = await ConnectAsync();
        Task<Message> receive = peer.Connection.ReceiveAsync().AsTask();
        await peer.SendTextAsync("one ", fin: false);
        await peer.SendAsync(Opcode.Ping, "ping"u8);
        await peer.SendAsync(Opcode.Pong, "unasked"u8);
        await peer.SendAsync(Opcode.Continuation, "two"u8);

        Assert.Equal("ping", Encoding.UTF8.GetString((await peer.ReadFrameAsync()).Payload));
        Assert.Equal("one two", (await receive).ToString());
    }

    [Fact]
    public async Task Each_message_has_its_own_kind_and_each_fragment_its_own_mask()
    {
        await using RawPeer peer = await ConnectAsync();
        await peer.SendBytesAsync((byte[])[
            .. RawPeer.Frame(Opcode.Text, "text"u8),
            .. RawPeer.Frame(Opcode.Binary, [1, 2, 3], fin: false, key: 0x01020304),
            .. RawPeer.Frame(Opcode.Continuation, [4, 5], fin: true, key: 0xF0E0D0C0),
            .. RawPeer.Frame(Opcode.Text, [])]);

        Message first = await peer.Connection.ReceiveAsync();
        Assert.Equal((MessageKind.Text, "text"), (first.Kind, first.ToString()));
        Message second = await peer.Connection.ReceiveAsync();
        Assert.Equal(MessageKind.Binary, second.Kind);
        Assert.Equal([1, 2, 3, 4, 5], second.ToArray());
        Message third = await peer.Connection.ReceiveAsync();
        Assert.Equal((MessageKind.Text, 0), (third.Kind, third.Data.Length));
        Assert.Equal((3, 9), (peer.Connection.MessagesReceived, peer.Connection.BytesReceived));
    }

    [Fact]
    public async Task A_character_may_be_cut_by_fragments()
    {
        await using RawPeer peer = await ConnectAsync();
        byte[] euro = Encoding.UTF8.GetBytes("€");
        await peer.SendAsync(Opcode.Text, euro.AsSpan(0, 1), fin: false);
        await peer.SendAsync(Opcode.Continuation, [], fin: false);
        await peer.SendAsync(Opcode.Continuation, euro.AsSpan(1));
        Assert.Equal("€", (await peer.Connection.ReceiveAsync()).ToString());
    }

    [Fact]
    public async Task Any_split_of_the_bytes_gives_the_same_messages()
    {
        byte[] bytes = [
            .. RawPeer.Frame(Opcode.Text, "héllo"u8), .. RawPeer.Frame(Opcode.Ping, "p"u8),
            .. RawPeer.Frame(Opcode.Binary, new byte[130], fin: false), .. RawPeer.Frame(Opcode.Pong, []),
            .. RawPeer.Frame(Opcode.Continuation, new byte[70])];
        for (int split = 1; split < bytes.Length; split++)
        {
            await using RawPeer peer = await ConnectAsync();
            await peer.SendBytesAsync(bytes.AsMemory(0, split));
            Task<Message> first = peer.Connection.ReceiveAsync().AsTask();
            await peer.SendBytesAsync(bytes.AsMemory(split));
            Assert.Equal("héllo", (await first).ToString());
            Assert.Equal(200, (await peer.Connection.ReceiveAsync()).Data.Length);
            Assert.Equal(Opcode.Pong, (await peer.ReadFrameAsync()).Opcode);
        }
    }

    [Fact]
    public async Task Bytes_that_come_one_at_a_time_lose_nothing_to_TryReceive()
    {
        await using RawPeer peer = await ConnectAsync();
        byte[] bytes =
            [.. RawPeer.Frame(Opcode.Text, "one"u8, fin: false), .. RawPeer.Frame(Opcode.Continuation, "two"u8)];
        var received = new TaskCompletionSource<string>();
        Task handler = peer.Connection.RunAsync(async connection =>
        {
            Message message;
            while (!connection.TryReceive(out message)) await Task.Yield();
            received.SetResult(message.ToString());
        });
        foreach (byte value in bytes) await peer.SendBytesAsync(new[] { value });

        Assert.Equal("onetwo", await received.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(1000, (await peer.ReadCloseAsync()).Code);
        await peer.AnswerCloseAsync();
        await handler;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(32768)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(1_000_000)]
    public async Task A_message_is_sent_in_the_shortest_form_of_its_length(int length)
    {
        // The peer's reader refuses a length that is not minimal.
        await using RawPeer peer = await ConnectAsync(options: new() { FragmentSize = 0 });
        Task sent = peer.Connection.SendBinaryAsync(new byte[length]).AsTask();
        (Opcode opcode, bool fin, byte[] payload) = await peer.ReadFrameAsync();
        Assert.Equal((Opcode.Binary, true, length), (opcode, fin, payload.Length));
        await sent;
    }

    [Fact]
    public async Task A_message_larger_than_the_fragment_size_is_sent_in_fragments()
    {
        await using RawPeer peer = await ConnectAsync(options: new() { FragmentSize = 10 });
        await peer.Connection.SendTextAsync("0123456789abcdefghijKLM");
        Assert.Equal(
            [
                (Opcode.Text, false, "0123456789"),
                (Opcode.Continuation, false, "abcdefghij"),
                (Opcode.Continuation, true, "KLM"),
            ],
            new[] { await peer.ReadFrameAsync(), await peer.ReadFrameAsync(), await peer.ReadFrameAsync() }
                .Select(frame => (frame.Opcode, frame.Fin, Encoding.UTF8.GetString(frame.Payload))));
    }

    [Fact]
    public async Task Pings_are_counted_until_a_pong_comes()
    {
        await using RawPeer peer = await ConnectAsync();
        await peer.Connection.SendPingAsync();
        await peer.Connection.SendPingAsync("two"u8.ToArray());
        Assert.Equal(2, peer.Connection.UnansweredPings);
        Assert.Equal(Opcode.Ping, (await peer.ReadFrameAsync()).Opcode);
        Assert.Equal("two", Encoding.UTF8.GetString((await peer.ReadFrameAsync()).Payload));

        await peer.SendAsync(Opcode.Pong, "two"u8);
        await peer.SendTextAsync("after the pong");
        await peer.Connection.ReceiveAsync();
        Assert.Equal(0, peer.Connection.UnansweredPings);
    }

    [Fact]
    public async Task A_lost_transport_ends_the_receive_with_1006()
    {
        await using RawPeer peer = await ConnectAsync();
        await peer.SendTextAsync("last words");
        peer.EndSending();
        Assert.Equal("last words", (await peer.Connection.ReceiveAsync()).ToString());
        var lost = await Assert.ThrowsAsync<ConnectionClosedException>(
            async () => await peer.Connection.ReceiveAsync());
        Assert.Equal((CloseCode.AbnormalClosure, CloseOrigin.Transport), (lost.Reason.Code, lost.Reason.Origin));
        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await peer.Connection.SendTextAsync("late"));
    }

    [Fact]
    public async Task A_client_masks_its_frames_and_refuses_masked_ones()
    {
        await using RawPeer peer = await ConnectAsync(WebSocketRole.Client, new() { FragmentSize = 3 });
        await peer.Connection.SendTextAsync("abcdef");
        Assert.Equal("abc", Encoding.UTF8.GetString((await peer.ReadFrameAsync()).Payload));
        Assert.Equal("def", Encoding.UTF8.GetString((await peer.ReadFrameAsync()).Payload));

        await peer.SendTextAsync("from the server");
        Assert.Equal("from the server", (await peer.Connection.ReceiveAsync()).ToString());
        await peer.SendBytesAsync(RawPeer.Frame(Opcode.Text, "masked"u8, masked: true));
        Assert.Equal(CloseCode.ProtocolError, (await peer.Connection.ReceiveAsync()).CloseReason!.Code);
    }

    private static byte[] WithFirstByte(byte first)
    {
        byte[] frame = RawPeer.Frame(Opcode.Text, "hi"u8);
        frame[0] = first;
        return frame;
    }
}
