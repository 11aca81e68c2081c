using System.Text;
using Tideway.WebSockets.Connections;

namespace Tideway.Load.Workloads;

/// <summary>What is sent: letters, which are text and bytes. A connection's first message has its name.</summary>
internal sealed class EchoScript
{
    private readonly byte[] _payload;

    public EchoScript(LoadOptions options)
    {
        (Depth, IsOnLoops) = (options.Depth, options.IsOnLoops);
        Kind = options.IsText ? MessageKind.Text : MessageKind.Binary;
        _payload = new byte[options.PayloadBytes];
        for (int i = 0; i < _payload.Length; i++) _payload[i] = (byte)('a' + i % 26);
        Message = new Message(Kind, _payload);
    }

    public int Depth { get; }

    /// <inheritdoc cref="LoadOptions.IsOnLoops"/>
    public bool IsOnLoops { get; }

    public MessageKind Kind { get; }

    public int Length => _payload.Length;

    /// <summary>What every message but the first is.</summary>
    public Message Message { get; }

    /// <summary>Makes the first message of a connection, as far as its name has room.</summary>
    public byte[] FirstOf(WebSocketConnection connection)
    {
        byte[] first = [.. _payload];
        byte[] name = Encoding.ASCII.GetBytes(connection.Id);
        name.AsSpan(0, Math.Min(name.Length, first.Length)).CopyTo(first);
        return first;
    }
}
