using System.Text;
using BenchmarkDotNet.Attributes;
using Tideway.WebSockets.Framing;

namespace Tideway.Benchmarks.Framing;

/// <summary>Validates a text that comes whole, and one that comes in pieces cut inside characters.</summary>
public class Utf8Benchmarks
{
    private const int Piece = 1021; // a prime, so that the cuts fall everywhere
    private byte[] _text = [];

    /// <summary>What the text is written in.</summary>
    [Params("ASCII", "Greek", "Emoji")]
    public string Script { get; set; } = "";

    /// <summary>Makes a text of 16 KiB.</summary>
    [GlobalSetup]
    public void Setup()
    {
        string word = Script switch { "Greek" => "θάλασσα ", "Emoji" => "🌊🐚", _ => "tideway " };
        int length = Encoding.UTF8.GetByteCount(word);
        _text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(word, 16384 / length)));
    }

    /// <summary>In one piece, as most messages come.</summary>
    [Benchmark]
    public bool Whole()
    {
        var validator = new Utf8Validator();
        return validator.Append(_text) && validator.IsComplete;
    }

    /// <summary>In pieces, as a large message comes.</summary>
    [Benchmark]
    public bool Pieces()
    {
        var validator = new Utf8Validator();
        for (ReadOnlySpan<byte> rest = _text; !rest.IsEmpty; rest = rest[Math.Min(Piece, rest.Length)..])
            if (!validator.Append(rest[..Math.Min(Piece, rest.Length)])) return false;
        return validator.IsComplete;
    }
}
