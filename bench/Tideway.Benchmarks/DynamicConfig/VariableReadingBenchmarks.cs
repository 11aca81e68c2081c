using BenchmarkDotNet.Attributes;
using Tideway.Components;
using Tideway.DynamicConfig;

namespace Tideway.Benchmarks.DynamicConfig;

/// <summary>Reads variables of the dynamic config, as a hot path does.</summary>
[MemoryDiagnoser]
public class VariableReadingBenchmarks
{
    private static readonly DynamicConfigKey<int> _number = new("BENCH_NUMBER", 7, "A number.");
    private static readonly DynamicConfigKey<IReadOnlyList<string>> _names = new("BENCH_NAMES", ["a"], "Names.");

    private DynamicConfigSource _source = null!;

    /// <summary>Makes the source as a service does, which knows the variables.</summary>
    [GlobalSetup]
    public void Setup() => _source = new DynamicConfigComponent(
        new DynamicConfigConfig(),
        new ComponentContext("dynamic-config") { Assemblies = [typeof(VariableReadingBenchmarks).Assembly] },
        fallbacks: null,
        updater: null).Source;

    /// <summary>A value.</summary>
    [Benchmark]
    public int Number() => _source.Get(_number);

    /// <summary>A reference.</summary>
    [Benchmark]
    public IReadOnlyList<string> Names() => _source.Get(_names);
}
