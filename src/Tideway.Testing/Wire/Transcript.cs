using System.Globalization;
using System.Text;

namespace Tideway.Testing.Wire;

/// <summary>Remembers what went over the wire, for those tests that fail: the first pieces, and their first
/// bytes.</summary>
/// <remarks>Safe from any thread.</remarks>
public sealed class Transcript
{
    private const int MostEntries = 200;
    private const int MostBytes = 64;
    private readonly List<(bool Sent, byte[] Head, int Length)> _entries = [];
    private int _more;

    /// <summary>Bytes were sent.</summary>
    /// <param name="bytes">The bytes.</param>
    public void Sent(ReadOnlySpan<byte> bytes) => Add(true, bytes);

    /// <summary>Bytes came; none for the end.</summary>
    /// <param name="bytes">The bytes.</param>
    public void Received(ReadOnlySpan<byte> bytes) => Add(false, bytes);

    /// <summary>Shows a line for each piece.</summary>
    public override string ToString()
    {
        lock (_entries) return Show();
    }

    private static string Spaced(byte[] bytes) => BitConverter.ToString(bytes).Replace('-', ' ');

    private string Show()
    {
        var text = new StringBuilder();
        foreach ((bool sent, byte[] head, int length) in _entries)
        {
            text.Append(sent ? "sent     " : "received ").Append(length == 0 ? "the end" : Spaced(head));
            if (length > head.Length) text.Append(CultureInfo.InvariantCulture, $" ... {length} bytes");
            text.Append('\n');
        }

        if (_more > 0) text.Append(CultureInfo.InvariantCulture, $"... {_more} more\n");
        return text.ToString();
    }

    private void Add(bool sent, ReadOnlySpan<byte> bytes)
    {
        byte[] head = bytes[..Math.Min(bytes.Length, MostBytes)].ToArray();
        lock (_entries)
        {
            if (_entries.Count < MostEntries) _entries.Add((sent, head, bytes.Length));
            else _more++;
        }
    }
}
