using System.Text;
using Tideway.WebSockets.Connections;

namespace Tideway.Load.Workloads;

/// <summary>What is sent: letters, or records of JSON where messages are compressed. Both are text and bytes. A
/// connection's first message has its name.</summary>
internal sealed class EchoScript
{
    // So many different ones that those of 1 KiB and more are out of a compressor's window before they come again.
    private const int Variants = 64;
    private readonly Message[] _messages;

    public EchoScript(LoadOptions options)
    {
        (Depth, Length, IsOnLoops) = (options.Depth, options.PayloadBytes, options.IsOnLoops);
        Kind = options.IsText ? MessageKind.Text : MessageKind.Binary;
        _messages = options.Compression == MessageCompression.Off
            ? [new Message(Kind, Letters())]
            : [.. Enumerable.Range(0, Variants).Select(number => new Message(Kind, Records(new Random(number))))];
    }

    public int Depth { get; }

    /// <inheritdoc cref="LoadOptions.IsOnLoops"/>
    public bool IsOnLoops { get; }

    public MessageKind Kind { get; }

    public int Length { get; }

    /// <summary>Picks the message with this number on its connection, which is not the first.</summary>
    public Message MessageAt(long number) => _messages[number % _messages.Length];

    /// <summary>Makes the first message of a connection, as far as its name has room.</summary>
    public byte[] FirstOf(WebSocketConnection connection)
    {
        byte[] first = _messages[0].ToArray();
        byte[] name = Encoding.ASCII.GetBytes(connection.Id);
        name.AsSpan(0, Math.Min(name.Length, first.Length)).CopyTo(first);
        return first;
    }

    private byte[] Letters() => [.. Enumerable.Range(0, Length).Select(i => (byte)('a' + i % 26))];

    /// <summary>Makes records as services send them, the same in every run.</summary>
    private byte[] Records(Random random)
    {
        var text = new StringBuilder("[");
        while (text.Length < Length)
        {
            text.Append(null, $"{{\"id\":{random.Next(1_000_000)},\"user\":\"user{random.Next(5000)}\",");
            text.Append(null, $"\"price\":{random.Next(100_000) / 100m},\"side\":\"{Side(random)}\",");
            text.Append(null, $"\"time\":\"2026-01-{random.Next(1, 29):00}T{random.Next(24):00}:00:00Z\"}},");
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, Length));
    }

    private static string Side(Random random) => random.Next(2) == 0 ? "buy" : "sell";
}
