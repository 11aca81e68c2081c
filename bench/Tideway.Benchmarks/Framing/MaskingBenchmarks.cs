using BenchmarkDotNet.Attributes;
using Tideway.WebSockets.Framing;

namespace Tideway.Benchmarks.Framing;

/// <summary>Masks payloads in place, with vectors and byte by byte.</summary>
public class MaskingBenchmarks
{
    private const uint Key = 0x12345678;
    private byte[] _payload = [];

    /// <summary>The length of the payload, in bytes.</summary>
    [Params(20, 125, 1024, 16384)]
    public int Payload { get; set; }

    /// <summary>Makes the payload.</summary>
    [GlobalSetup]
    public void Setup() => _payload = new byte[Payload];

    /// <summary>What the library does.</summary>
    [Benchmark]
    public uint Vectors() => Masking.Apply(_payload, Key);

    /// <summary>The definition: RFC 6455 §5.3.</summary>
    [Benchmark(Baseline = true)]
    public void Bytes()
    {
        Span<byte> payload = _payload;
        for (int i = 0; i < payload.Length; i++) payload[i] ^= (byte)(Key >> (8 * (i & 3)));
    }
}
