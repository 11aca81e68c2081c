namespace Compare;

/// <summary>What to measure, and for how long.</summary>
public sealed record Settings
{
    /// <summary>The keys of the peers; empty for all.</summary>
    public string[] Peers { get; init; } = [];

    /// <summary>The keys of the experiments; empty for all.</summary>
    public string[] Experiments { get; init; } = [];

    /// <summary>The payloads of the echo grid, in bytes.</summary>
    public int[] Payloads { get; init; } = [20, 1024, 16384];

    /// <summary>How many messages each connection of the echo grid keeps in flight.</summary>
    public int[] Depths { get; init; } = [1, 16];

    /// <summary>How many connections the echo grid has.</summary>
    public int[] Connections { get; init; } = [100, 1000];

    /// <summary>How many connections growth is measured at; the others are compared with the first.</summary>
    public int[] Growth { get; init; } = [100, 1000, 10000];

    /// <summary>How many messages a second are offered while growth is measured, over all connections.</summary>
    public int Rate { get; init; } = 10000;

    /// <summary>How long growth is measured in a cell, in seconds: longer, for the server is far from busy.</summary>
    public int GrowthDuration { get; init; } = 9;

    /// <summary>How many idle connections are held.</summary>
    public int Idle { get; init; } = 10000;

    /// <summary>How many handshakes are under way at once.</summary>
    public int Handshakes { get; init; } = 64;

    /// <summary>How often everything is measured; reports show the median.</summary>
    public int Repeats { get; init; } = 3;

    /// <summary>How long one measurement takes, in seconds.</summary>
    public int Duration { get; init; } = 3;

    /// <summary>How long the same load runs before each measurement, in seconds.</summary>
    public int Warmup { get; init; } = 3;

    /// <summary>The processor that servers are pinned to.</summary>
    public int ServerCore { get; init; }

    /// <summary>The processor that the load generator is pinned to.</summary>
    public int ClientCore { get; init; } = 1;

    /// <summary>Two minutes' worth: enough to see that everything runs, too little to quote.</summary>
    public static Settings Quick { get; } = new()
    {
        Payloads = [20, 16384],
        Connections = [100],
        Growth = [100, 1000],
        GrowthDuration = 1,
        Idle = 2000,
        Repeats = 1,
        Duration = 1,
        Warmup = 1,
    };
}
