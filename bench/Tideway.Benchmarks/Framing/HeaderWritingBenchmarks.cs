using BenchmarkDotNet.Attributes;
using Tideway.WebSockets.Framing;

namespace Tideway.Benchmarks.Framing;

/// <summary>Writes the header of a server's frame, in each of its three lengths.</summary>
[MemoryDiagnoser]
public class HeaderWritingBenchmarks
{
    private readonly byte[] _destination = new byte[FrameHeader.MaxLength];

    /// <summary>The length of the payload in bytes, which decides the length of the header.</summary>
    [Params(20, 1024, 100_000)]
    public int Payload { get; set; }

    /// <summary>Makes and writes it.</summary>
    [Benchmark]
    public int Write() => new FrameHeader(fin: true, Opcode.Binary, masked: false, 0, Payload).Write(_destination);
}
