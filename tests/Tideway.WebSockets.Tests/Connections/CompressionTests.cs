using System.Text;
using Tideway.WebSockets.Compression;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>Connections that have agreed on compression, seen from a bare socket with a codec of its own.</summary>
public abstract class CompressionTests(TestedChannel channel, WebSocketRole role = WebSocketRole.Server)
    : ChannelTests(channel)
{
    public sealed class OverStreams() : CompressionTests(TestedChannel.Stream);

    public sealed class OverLoops() : CompressionTests(TestedChannel.Loop);

    public sealed class AsClientOverStreams() : CompressionTests(TestedChannel.Stream, WebSocketRole.Client);

    public sealed class AsClientOverLoops() : CompressionTests(TestedChannel.Loop, WebSocketRole.Client);

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly string _text = string.Join(' ', Enumerable.Range(1000, 400)) + " ü";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Messages_are_echoed_compressed_and_plain_in_any_mix(bool keepsContext)
    {
        await using CompressedPeer peer = await ConnectAsync(keepsContext);
        Task handler = peer.Raw.Connection.RunAsync(EchoAsync);
        for (int i = 0; i < 60; i++)
        {
            byte[] message = Encoding.UTF8.GetBytes(_text[..(i * 30)]);
            await peer.SendAsync(message, compressed: i % 3 != 0 && message.Length > 0);
            Assert.Equal(message, await peer.ReadAsync());
            Assert.Equal(message.Length >= 256, peer.WasCompressed);
        }

        Assert.True(peer.Raw.Connection.Compression!.DeflateBytesOut < peer.Raw.Connection.BytesSent / 2);
        await peer.Raw.AnswerCloseAsync();
        await handler.WaitAsync(_patience);
    }

    [Fact]
    public async Task Messages_that_grow_a_thousandfold_leave_the_others_on_the_context_their_turn()
    {
        const int Messages = 40;
        await using CompressedPeer peer = await ConnectAsync(keepsContext: false);
        WebSocketConnection connection = peer.Raw.Connection;
        int received = 0;
        var othersTurn = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.Start(
            async connection =>
            {
                while (await connection.ReceiveAsync() is { IsClose: false })
                {
                    if (++received == 1) connection.Channel.Post(_ => othersTurn.SetResult(received), null);
                    if (received == Messages) all.SetResult();
                }
            },
            static (_, _) => { });

        // All of them are there before the first is read.
        using var hold = new ManualResetEventSlim();
        connection.Channel.Post(_ => hold.Wait(_patience), null);
        byte[] zeros = new byte[65536];
        for (int i = 0; i < Messages; i++) await peer.SendAsync(zeros, compressed: true);
        hold.Set();
        Assert.InRange(await othersTurn.Task.WaitAsync(_patience), 1, 5);
        await all.Task.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_context_makes_messages_smaller_and_none_leaves_them_alike()
    {
        long own = await SendTwiceAsync(keepsContext: true);
        long shared = await SendTwiceAsync(keepsContext: false);
        Assert.InRange(own, 1, shared * 2 / 3);

        async Task<long> SendTwiceAsync(bool keepsContext)
        {
            await using CompressedPeer peer = await ConnectAsync(keepsContext);
            for (int i = 0; i < 2; i++)
            {
                await peer.Raw.Connection.SendTextAsync(_text);
                Assert.Equal(_text, Encoding.UTF8.GetString(await peer.ReadAsync()));
            }

            Assert.Equal(2 * Encoding.UTF8.GetByteCount(_text), peer.Raw.Connection.Compression!.DeflateBytesIn);
            return peer.Raw.Connection.Compression.DeflateBytesOut;
        }
    }

    [Fact]
    public async Task A_secret_is_sent_as_it_is_whichever_way_it_is_sent()
    {
        await using CompressedPeer peer = await ConnectAsync(keepsContext: true);
        byte[] text = Encoding.UTF8.GetBytes(_text);
        var secret = new Message(MessageKind.Text, text) { Uncompressed = true };
        await peer.Raw.Connection.SendAsync(secret);
        Assert.Equal(text, await peer.ReadAsync());
        Assert.False(peer.WasCompressed);
        Assert.Equal(SendStatus.Sent, peer.Raw.Connection.TrySend(secret));
        Assert.Equal(text, await peer.ReadAsync());
        Assert.False(peer.WasCompressed);
        Assert.Equal(SendStatus.Sent, peer.Raw.Connection.TrySend(new Message(MessageKind.Text, text)));
        Assert.Equal(text, await peer.ReadAsync());
        Assert.True(peer.WasCompressed);
    }

    [Fact]
    public async Task What_does_not_become_smaller_is_sent_as_it_is_unless_later_messages_may_refer_to_it()
    {
        byte[] noise = new byte[1000];
        new Random(1).NextBytes(noise);
        foreach (bool keepsContext in new[] { false, true })
        {
            await using CompressedPeer peer = await ConnectAsync(keepsContext);
            await peer.Raw.Connection.SendBinaryAsync(noise);
            Assert.Equal(noise, await peer.ReadAsync());
            Assert.Equal(keepsContext, peer.WasCompressed);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Large_messages_leave_in_fragments_of_which_only_the_first_is_marked(bool keepsContext)
    {
        await using CompressedPeer peer = await ConnectAsync(keepsContext, new() { FragmentSize = 1000 });
        byte[] large = new byte[200_000];
        for (int i = 0; i < large.Length; i++) large[i] = (byte)(i * i >> 7);
        for (int i = 0; i < 3; i++)
        {
            ValueTask sent = peer.Raw.Connection.SendBinaryAsync(large);
            Assert.Equal(large, await peer.ReadAsync());
            Assert.True(peer.Frames > 1 && peer.WasCompressed);
            await sent;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Senders_at_once_each_keep_their_order_and_no_message_is_torn(bool keepsContext)
    {
        const int Senders = 4;
        const int Messages = 150;
        await using CompressedPeer peer = await ConnectAsync(keepsContext, new() { FragmentSize = 700 });
        Task[] sending = [.. Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            for (int i = 0; i < Messages; i++)
            {
                string text = $"{sender} {i} {_text[..(i * 31 % 1500)]}";
                bool isPlain = (sender + i) % 5 == 0;
                var message = new Message(MessageKind.Text, Encoding.UTF8.GetBytes(text)) { Uncompressed = isPlain };
                if (sender > 0) await peer.Raw.Connection.SendAsync(message);
                else while (peer.Raw.Connection.TrySend(message) == SendStatus.Dropped) await Task.Yield();
            }
        }))];
        int[] next = new int[Senders];
        for (int i = 0; i < Senders * Messages; i++)
        {
            string[] words = Encoding.UTF8.GetString(await peer.ReadAsync()).Split(' ', 3);
            int number = next[int.Parse(words[0], null)]++;
            Assert.Equal((number, _text[..(number * 31 % 1500)]), (int.Parse(words[1], null), words[2]));
        }

        await Task.WhenAll(sending).WaitAsync(_patience);
    }

    [Fact]
    public async Task A_message_that_is_taken_back_leaves_no_trace_in_the_context()
    {
        await using CompressedPeer peer = await ConnectAsync(keepsContext: true, new() { SendBacklogLimit = 10_000 });
        byte[] noise = new byte[8_000_000];
        new Random(1).NextBytes(noise);
        Task stuck = peer.Raw.Connection.SendBinaryAsync(noise).AsTask();
        using var cancel = new CancellationTokenSource();
        Task canceled = peer.Raw.Connection.SendBinaryAsync(new byte[100_000], cancel.Token).AsTask();
        Task last = peer.Raw.Connection.SendTextAsync(_text).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled);

        Assert.Equal(noise, await peer.ReadAsync());
        Assert.Equal(_text, Encoding.UTF8.GetString(await peer.ReadAsync()));
        await Task.WhenAll(stuck, last).WaitAsync(_patience);
    }

    [Fact]
    public async Task A_window_that_cannot_be_kept_to_has_everything_sent_plain()
    {
        var agreement = new CompressionAgreement(true, true, 8, 8);
        await using RawPeer peer = await ConnectAsync(role, new(), agreement);
        await peer.Connection.SendTextAsync(_text);
        Assert.Equal(_text, Encoding.UTF8.GetString((await peer.ReadFrameAsync()).Payload));
        Assert.False(peer.IsCompressed);
    }

    public static TheoryData<string, byte[], int> Violations { get; } = new()
    {
        { "a compressed continuation", [0x41, 0x01, 0x00, 0xC0, 0x01, 0x00], 1002 },
        { "a compressed ping", [0xC9, 0x00], 1002 },
        { "reserved bit 2 beside", [0xE1, 0x01, 0x00], 1002 },
        { "no DEFLATE data", [0xC1, 0x02, 0x07, 0x07], 1007 },
        { "no DEFLATE data, in an unfinished frame", [0xC2, 0x7D, 0x07, 0x07], 1007 },
        { "an empty message without its byte", [0xC1, 0x00], 1007 },
        { "a message cut short", [0xC1, 0x03, 0xF2, 0x48, 0xCD], 1007 },
        { "a reference to what never was", [0xC1, 0x05, 0xF2, 0x00, 0x11, 0x00, 0x00], 1007 },
        { "text that is not UTF-8", Compressed(0xC1, [0x61, 0xFF]), 1007 },
        { "text that ends inside a character", Compressed(0xC1, [0xE2, 0x82]), 1007 },
        { "a bad byte in an unfinished message", Compressed(0x41, [0x61, 0xC0]), 1007 },
        { "more than the limit", Compressed(0xC2, new byte[1001]), 1009 },
        { "more than the limit, in an unfinished message", Compressed(0x42, new byte[1001]), 1009 },
        { "a bomb", Compressed(0xC2, new byte[10_000_000]), 1009 },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_violation_is_answered_with_its_code(string what, byte[] unmasked, int code)
    {
        await using CompressedPeer peer = await ConnectAsync(keepsContext: true, new() { MaxRemotePayload = 1000 });
        await peer.Raw.SendBytesAsync(role == WebSocketRole.Server ? Mask(unmasked) : unmasked);
        Message message = await peer.Raw.Connection.ReceiveAsync(TestContext.Current.CancellationToken);
        Assert.True(message.IsClose, what);
        Assert.Equal((CloseCode)code, message.CloseReason!.Code);
        Assert.Equal(code, (await peer.Raw.ReadCloseAsync()).Code);
    }

    [Fact]
    public async Task A_message_at_the_limit_is_received_though_its_frames_say_more()
    {
        await using CompressedPeer peer = await ConnectAsync(keepsContext: true, new() { MaxRemotePayload = 1000 });
        byte[] noise = new byte[1000];
        new Random(1).NextBytes(noise);
        ValueTask<Message> receiving = peer.Raw.Connection.ReceiveAsync();
        Assert.True(await peer.SendAsync(noise, compressed: true) > 1000);
        Assert.Equal(noise, (await receiving).ToArray());
    }

    [Fact]
    public async Task A_peer_that_leaves_within_a_message_leaves_nothing_behind()
    {
        await using CompressedPeer peer = await ConnectAsync(keepsContext: false);
        ValueTask<Message> receiving = peer.Raw.Connection.ReceiveAsync();
        await peer.Raw.SendAsync(Opcode.Text, [0xF2, 0x48], fin: false, compressed: true);
        await peer.Raw.SendAsync(Opcode.Ping, []);
        Assert.Equal(Opcode.Pong, (await peer.Raw.ReadFrameAsync()).Opcode);
        peer.Raw.Reset();
        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await receiving);
        await peer.Raw.Connection.Completion.WaitAsync(_patience);
    }

    private static async Task EchoAsync(WebSocketConnection connection)
    {
        while (await connection.ReceiveAsync() is { IsClose: false } message) await connection.SendAsync(message);
    }

    /// <summary>Makes an unmasked frame around a compressed payload.</summary>
    private static byte[] Compressed(byte first, byte[] payload)
    {
        using var deflater = new Deflater(9, 15);
        byte[] deflated = deflater.Deflate(payload, keepsContext: true, out int length)[..length];
        byte[] frame = RawPeer.Frame(Opcode.Binary, deflated, masked: false);
        frame[0] = first;
        return frame;
    }

    /// <summary>Masks frames with the key 0, which leaves their payloads as they are.</summary>
    private static byte[] Mask(byte[] frames)
    {
        var masked = new List<byte>();
        for (int start = 0; start < frames.Length;)
        {
            int length = frames[start + 1];
            int head = length == 126 ? 4 : 2;
            length = length == 126 ? (frames[start + 2] << 8) + frames[start + 3] : length;
            int end = Math.Min(frames.Length, start + head + length);
            byte[] frame = frames[start..end];
            frame[1] |= 0x80;
            masked.AddRange([.. frame.Take(head), 0, 0, 0, 0, .. frame.Skip(head)]);
            start = end;
        }

        return [.. masked];
    }


    private async Task<CompressedPeer> ConnectAsync(bool keepsContext, WebSocketConnectionOptions? options = null)
    {
        var agreement = new CompressionAgreement(keepsContext, keepsContext, 15, 15);
        return new CompressedPeer(await ConnectAsync(role, options ?? new(), agreement), keepsContext);
    }

    /// <summary>The other end: a bare socket, and a codec that keeps to what was agreed on.</summary>
    private sealed class CompressedPeer(RawPeer peer, bool keepsContext) : IAsyncDisposable
    {
        private readonly Deflater _deflater = new(6, 15);
        private readonly Inflater _inflater = new();

        public RawPeer Raw => peer;

        public bool WasCompressed { get; private set; }

        public int Frames { get; private set; }

        /// <summary>Sends a text message, and answers how many bytes it was.</summary>
        public async Task<int> SendAsync(byte[] message, bool compressed)
        {
            byte[] payload = message;
            if (compressed) payload = _deflater.Deflate(message, keepsContext, out int length)[..length];
            await peer.SendAsync(Opcode.Binary, payload, fin: true, compressed);
            return payload.Length;
        }

        public async Task<byte[]> ReadAsync()
        {
            using var message = new MemoryStream();
            for (Frames = 1; ; Frames++)
            {
                (Opcode opcode, bool fin, byte[] payload) = await peer.ReadFrameAsync();
                if (Frames == 1) WasCompressed = peer.IsCompressed;
                else Assert.True(opcode == Opcode.Continuation && !peer.IsCompressed);
                message.Write(payload);
                if (fin) return WasCompressed ? Inflate(message.ToArray()) : message.ToArray();
            }
        }

        public ValueTask DisposeAsync()
        {
            _deflater.Dispose();
            _inflater.Dispose();
            return peer.DisposeAsync();
        }

        private byte[] Inflate(byte[] deflated)
        {
            if (!keepsContext) _inflater.Reset();
            byte[] room = new byte[10_000_000];
            ReadOnlySpan<byte> input = deflated;
            Assert.True(_inflater.TryInflate(ref input, room, out int length));
            Assert.True(_inflater.TryEndMessage());
            return room[..length];
        }
    }
}
