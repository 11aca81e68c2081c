using System.Text;

namespace Tideway.Conformance.Wire;

/// <summary>Remembers what went over the wire, for those cases that fail.</summary>
internal sealed class Transcript
{
    private const int MostEntries = 200;
    private const int MostBytes = 64;
    private readonly List<(bool Sent, byte[] Head, int Length)> _entries = [];
    private int _more;

    public void Sent(ReadOnlySpan<byte> bytes) => Add(true, bytes);

    public void Received(ReadOnlySpan<byte> bytes) => Add(false, bytes);

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach ((bool sent, byte[] head, int length) in _entries)
        {
            text.Append(sent ? "sent     " : "received ").Append(length == 0 ? "the end" : Spaced(head));
            if (length > head.Length) text.Append($" ... {length} bytes");
            text.Append('\n');
        }

        if (_more > 0) text.Append($"... {_more} more\n");
        return text.ToString();
    }

    private static string Spaced(byte[] bytes) => BitConverter.ToString(bytes).Replace('-', ' ');

    private void Add(bool sent, ReadOnlySpan<byte> bytes)
    {
        byte[] head = bytes[..Math.Min(bytes.Length, MostBytes)].ToArray();
        if (_entries.Count < MostEntries) _entries.Add((sent, head, bytes.Length));
        else _more++;
    }
}
