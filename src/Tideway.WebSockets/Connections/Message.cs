using System.Text;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Connections;

/// <summary>One whole message: text, bytes, or the news that the connection closes.</summary>
/// <remarks>
/// A received message's <see cref="Data"/> belongs to the connection and is valid until the next receive on it; keep it
/// longer with <see cref="ToArray"/>, or decode it with <see cref="ToString"/>. A message made by the application
/// only points to the application's bytes.
/// </remarks>
public readonly struct Message
{
    /// <summary>Makes a text or binary message over the application's own bytes, which are not copied.</summary>
    /// <param name="kind"><see cref="MessageKind.Text"/> or <see cref="MessageKind.Binary"/>.</param>
    /// <param name="data">The payload: UTF-8 in a text message. It must not change until the send is done.</param>
    /// <exception cref="ArgumentOutOfRangeException">The kind is neither text nor binary.</exception>
    public Message(MessageKind kind, ReadOnlyMemory<byte> data)
        : this(kind, data, null)
    {
        if (kind is not (MessageKind.Text or MessageKind.Binary)) throw new ArgumentOutOfRangeException(nameof(kind));
    }

    private Message(MessageKind kind, ReadOnlyMemory<byte> data, CloseReason? reason)
    {
        Kind = kind;
        Data = data;
        CloseReason = reason;
    }

    /// <summary>What the message is.</summary>
    public MessageKind Kind { get; }

    /// <summary>The payload. Empty in a close message.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>Keeps the message from being compressed. For a secret beside text that others chose: what a message is
    /// compressed to tells by its length how alike the two are.</summary>
    /// <remarks>Defaults to false.</remarks>
    public bool Uncompressed { get; init; }

    /// <summary>Why the connection closes, in a close message; null in any other.</summary>
    public CloseReason? CloseReason { get; }

    /// <summary>Tells whether this is text.</summary>
    public bool IsText => Kind == MessageKind.Text;

    /// <summary>Tells whether these are bytes.</summary>
    public bool IsBinary => Kind == MessageKind.Binary;

    /// <summary>Tells whether the connection is closing; no message follows.</summary>
    public bool IsClose => Kind == MessageKind.Close;

    /// <summary>Copies the payload, to keep it beyond the next receive.</summary>
    public byte[] ToArray() => Data.ToArray();

    /// <summary>Decodes the payload as UTF-8; a close message answers its reason.</summary>
    public override string ToString() => CloseReason?.ToString() ?? Encoding.UTF8.GetString(Data.Span);

    internal Opcode Opcode => Kind == MessageKind.Text ? Opcode.Text : Opcode.Binary;

    internal static Message Closed(CloseReason reason) => new(MessageKind.Close, default, reason);

    internal static Message Received(MessageKind kind, ReadOnlyMemory<byte> data) => new(kind, data, null);
}
