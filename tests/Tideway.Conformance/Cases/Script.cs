using System.Text;
using Tideway.Conformance.Wire;
using Tideway.Testing.Wire;
using Tideway.WebSockets.Client;

namespace Tideway.Conformance.Cases;

/// <summary>The steps of a case, in order. A connection that no step ends is closed cleanly behind them.</summary>
internal sealed class Script
{
    private readonly List<Func<Session, Task>> _steps = [];

    public async Task RunAsync(Session session)
    {
        foreach (Func<Session, Task> step in _steps) await step(session);
        if (session.IsOver) return;
        await session.SendFramesAsync(Frame.Close(1000));
        CheckClose(await session.ReadCloseAsync(), 1000, "");
        await session.EndAsync();
    }

    public Script Do(Func<Session, Task> step)
    {
        _steps.Add(step);
        return this;
    }

    /// <summary>Takes the same steps for each of these.</summary>
    public Script ForEach<T>(IEnumerable<T> items, Action<Script, T> write)
    {
        foreach (T item in items) write(this, item);
        return this;
    }

    /// <summary>Sends frames in one piece.</summary>
    public Script Send(params Frame[] frames) => Do(session => session.SendFramesAsync(frames));

    /// <summary>Sends bytes that are no frames of this end's making.</summary>
    public Script SendBytes(params byte[] bytes) => Do(session => session.SendAsync(bytes));

    /// <summary>Sends only the header of a frame and so many bytes of its payload.</summary>
    public Script SendBegun(Frame frame, int payloadBytes) => Do(session =>
    {
        byte[] bytes = session.EncodeTorn(frame);
        return session.SendAsync(bytes.AsMemory(0, bytes.Length - frame.Payload.Length + payloadBytes));
    });

    /// <summary>Sends only the first bytes of a frame.</summary>
    public Script SendFirstBytes(Frame frame, int count) =>
        Do(session => session.SendAsync(session.EncodeTorn(frame).AsMemory(0, count)));

    /// <summary>Sends a message compressed, in fragments of these many bytes and the rest.</summary>
    public Script SendCompressed(Frame message, params int[] fragments) => Do(session =>
    {
        byte[] payload = session.Deflater!.Deflate(message.Payload);
        var frames = new List<Frame>();
        int start = 0;
        foreach (int length in fragments.TakeWhile(length => start + length < payload.Length))
            frames.Add(Next(payload[start..(start += length)]).Unfinished());
        frames.Add(Next(payload[start..]));
        return session.SendFramesAsync(frames);

        Frame Next(byte[] part) => frames.Count > 0
            ? Frame.Continuation(part)
            : new Frame(message.Opcode, part) { Reserved = 4 };
    });

    /// <summary>Expects a message that came compressed, or one that did not.</summary>
    public Script ExpectCompressed(Frame message, bool isCompressed = true) => Do(async session =>
    {
        WireMessage received = await session.ReadMessageAsync();
        if (received.Opcode != message.Opcode || !received.Payload.AsSpan().SequenceEqual(message.Payload))
            throw new CaseFailedException($"Got another message: {received}.");
        if (received.IsCompressed != isCompressed)
            throw new CaseFailedException($"Compressed: {received.IsCompressed}.");
    });

    /// <summary>Sends frames in pieces of so many bytes.</summary>
    public Script SendChopped(int size, params Frame[] frames) => Do(async session =>
    {
        byte[] bytes = session.Encode(frames);
        for (int start = 0; start < bytes.Length; start += size)
            await session.SendAsync(bytes.AsMemory(start, Math.Min(size, bytes.Length - start)));
    });

    /// <summary>Sends frames in two pieces, the second once the first was surely read: a ping in front of it was
    /// answered.</summary>
    public Script SendCut(int at, params Frame[] frames) => Do(async session =>
    {
        byte[] mark = [(byte)at, (byte)(at >> 8)];
        byte[] bytes = session.Encode(frames);
        int cut = Math.Min(at, bytes.Length - 1); // What a server sends is shorter, by the masks.
        await session.SendAsync((byte[])[.. session.Encode(Frame.Ping(mark)), .. bytes[..cut]]);
        CheckControl(await session.ReadControlAsync(), Frame.PongOpcode, mark);
        await session.SendAsync(bytes.AsMemory(cut));
    });

    public Script EndSending() => Do(session =>
    {
        session.EndSending();
        return Task.CompletedTask;
    });

    public Script ExpectText(string text) => ExpectText(Encoding.UTF8.GetBytes(text));

    public Script ExpectText(byte[] payload) => ExpectMessage(Frame.TextOpcode, payload);

    public Script ExpectBinary(params byte[] payload) => ExpectMessage(Frame.BinaryOpcode, payload);

    /// <summary>Expects the echo of a frame.</summary>
    public Script ExpectEcho(Frame frame) => ExpectMessage(frame.Opcode, frame.Payload);

    public Script ExpectMessage(int opcode, byte[] payload) => Do(async session =>
    {
        WireMessage message = await session.ReadMessageAsync();
        if (message.Opcode != opcode || !message.Payload.AsSpan().SequenceEqual(payload))
            throw new CaseFailedException($"Expected {new WireMessage(opcode, payload, [0], false)}, got {message}.");
    });

    /// <summary>Expects a message of one frame for each of these payload lengths.</summary>
    public Script ExpectFragments(int opcode, byte[] payload, params int[] lengths) => Do(async session =>
    {
        WireMessage message = await session.ReadMessageAsync();
        if (message.Opcode != opcode || !message.Payload.AsSpan().SequenceEqual(payload))
            throw new CaseFailedException($"Got another message: {message}.");
        if (!message.Fragments.SequenceEqual(lengths))
            throw new CaseFailedException($"Got fragments of {string.Join(", ", message.Fragments)} bytes.");
    });

    public Script ExpectPong(params byte[] payload) =>
        Do(async session => CheckControl(await session.ReadControlAsync(), Frame.PongOpcode, payload));

    public Script ExpectPing(params byte[] payload) =>
        Do(async session => CheckControl(await session.ReadControlAsync(), Frame.PingOpcode, payload));

    /// <summary>Expects a close frame with this code, and 1005 for none, and then ends the connection as the RFC
    /// has it.</summary>
    public Script ExpectClose(int code, string reason = "") => ExpectCloseFrame(code, reason).ExpectEnd();

    /// <summary>Expects a close frame only, with any reason for null.</summary>
    public Script ExpectCloseFrame(int code, string? reason = null) =>
        Do(async session => CheckClose(await session.ReadCloseAsync(), code, reason));

    /// <summary>Expects that the connection is failed with this code, whatever the reason says.</summary>
    public Script ExpectFailure(int code) => ExpectCloseFrame(code).ExpectEnd();

    /// <summary>Answers the close frame, unless one was sent, and expects the end.</summary>
    public Script ExpectEnd() => Do(session => session.EndAsync());

    /// <summary>Expects the end of the transport, with nothing before it and no answer.</summary>
    public Script ExpectBareEnd() => Do(session => session.ReadEndAsync());

    /// <summary>Sends a head of HTTP whose lines are these.</summary>
    public Script SendHead(params string[] lines) =>
        Do(session => session.SendAsync(string.Concat(lines.Select(line => line + "\r\n")) + "\r\n"));

    /// <summary>Expects an answer with this status.</summary>
    public Script ExpectStatus(int status) => Do(async session =>
    {
        string head = await session.ReadHeadAsync();
        if (!head.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal))
            throw new CaseFailedException($"Expected the status {status}, got: {head.Split("\r\n")[0]}");
        session.IsOver = status != 101;
    });

    /// <summary>Expects that the last head has this header, in any case, once, or not at all for null.</summary>
    public Script ExpectHeader(string name, string? value) =>
        ExpectHeader(name, value, StringComparer.OrdinalIgnoreCase);

    /// <summary>Expects that the last head has exactly this header, once, or not at all for null.</summary>
    public Script ExpectExactHeader(string name, string? value) => ExpectHeader(name, value, StringComparer.Ordinal);

    private Script ExpectHeader(string name, string? value, StringComparer comparer) => Do(session =>
    {
        string[] lines = session.HeaderLines(name);
        if (!lines.SequenceEqual(value is null ? [] : [value], comparer))
            throw new CaseFailedException($"{name} is '{string.Join("' and '", lines)}', not '{value}'.");
        return Task.CompletedTask;
    });

    /// <summary>Expects that the client under test refuses the answer, for this reason, and ends the
    /// transport.</summary>
    public Script ExpectRefusal(string reason) => Do(async session =>
    {
        await session.ReadHttpEndAsync();
        try
        {
            await session.Connecting!;
            throw new CaseFailedException("The client has accepted the handshake.");
        }
        catch (ConnectionFailedException exception)
        {
            if (!exception.Message.Contains(reason, StringComparison.Ordinal))
                throw new CaseFailedException($"Refused for another reason: {exception.Message}");
        }
    });

    private static void CheckControl(Frame frame, int opcode, byte[] payload)
    {
        if (frame.Opcode != opcode || !frame.Payload.AsSpan().SequenceEqual(payload))
            throw new CaseFailedException($"Expected {new Frame(opcode, payload)}, got {frame}.");
    }

    private static void CheckClose(Frame close, int code, string? reason)
    {
        string expected = Session.Describe(code == 1005 ? Frame.Close() : Frame.Close(code, reason ?? ""));
        string got = Session.Describe(reason is null ? close with { Payload = close.Payload[..2] } : close);
        if (got != expected) throw new CaseFailedException($"Expected a close {expected}, got {got}.");
    }
}
