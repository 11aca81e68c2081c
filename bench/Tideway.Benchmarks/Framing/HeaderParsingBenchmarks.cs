using BenchmarkDotNet.Attributes;
using Tideway.WebSockets.Framing;

namespace Tideway.Benchmarks.Framing;

/// <summary>Parses the header of a client's frame, in each of its three lengths.</summary>
[MemoryDiagnoser]
public class HeaderParsingBenchmarks
{
    private readonly byte[] _header = new byte[FrameHeader.MaxLength];

    /// <summary>The length of the payload in bytes, which decides the length of the header.</summary>
    [Params(20, 1024, 100_000)]
    public int Payload { get; set; }

    /// <summary>Writes the header that is parsed.</summary>
    [GlobalSetup]
    public void Setup() => new FrameHeader(fin: true, Opcode.Binary, masked: true, 0x12345678, Payload).Write(_header);

    /// <summary>Parses and checks it.</summary>
    [Benchmark]
    public long Parse()
    {
        FrameHeader.TryParse(_header, masked: true, out FrameHeader header, out _);
        return header.PayloadLength;
    }
}
