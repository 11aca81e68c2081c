using System.Globalization;
using Tideway.WebSockets.Connections;

namespace Tideway.Load;

/// <summary>What one run does: the command line, or the part of it that one process is given. Immutable.</summary>
internal sealed record LoadOptions
{
    public const string UrlForm = "ws://host:port/path or wss://host:port/path";

    public required string Workload { get; init; }

    public required Uri Url { get; init; }

    public int Connections { get; init; } = 1;

    /// <summary>How many handshakes are under way at once.</summary>
    public int Concurrency { get; init; } = 1;

    /// <summary>How many messages are in flight on each connection.</summary>
    public int Depth { get; init; } = 1;

    public int PayloadBytes { get; init; }

    public bool IsText { get; init; }

    /// <summary>How messages are compressed; the server has to agree.</summary>
    public MessageCompression Compression { get; init; }

    /// <summary>How many messages a second are sent, whatever comes back; null for a closed loop.</summary>
    public double? Rate { get; init; }

    public double DurationSeconds { get; init; }

    public double WarmupSeconds { get; init; }

    public int Threads { get; init; } = 1;

    public int Processes { get; init; } = 1;

    public int? ServerPid { get; init; }

    /// <summary>The addresses to connect from, in turn; empty for the system's choice.</summary>
    public string[] LocalAddresses { get; init; } = [];

    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>Whether any certificate of the server will do.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>Whether the connections live on the loops; with TLS they live on the thread pool.</summary>
    public bool IsOnLoops => Url.Scheme == Uri.UriSchemeWs;

    /// <summary>What is counted.</summary>
    public string Operations => Workload == "connect" ? "handshakes" : "messages";

    /// <summary>The address without its query, which may hold a secret.</summary>
    public string Target => Url.GetLeftPart(UriPartial.Path);

    /// <summary>Takes the part of one process.</summary>
    public LoadOptions PartOf(int process) => this with
    {
        Connections = Part(Connections, process, Processes),
        Concurrency = Math.Max(1, Part(Concurrency, process, Processes)),
        Rate = Rate * Part(Connections, process, Processes) / Connections,
        Processes = 1,
        ServerPid = null,
    };

    /// <summary>Cuts a whole into parts that differ by one at most.</summary>
    public static int Part(int whole, int index, int parts) => whole / parts + (index < whole % parts ? 1 : 0);

    /// <summary>Answers what is wrong with the options together, or null.</summary>
    public string? FindFlaw()
    {
        if (Url.Scheme != Uri.UriSchemeWs && Url.Scheme != Uri.UriSchemeWss)
            return $"--url has to be of the form {UrlForm}, not '{Url}'.";
        if (Processes > Connections) return $"--processes {Processes} is more than --connections {Connections}.";
        int perProcess = (Connections + Processes - 1) / Processes;
        int limit = DescriptorLimit() - 64;
        return perProcess > limit && Workload != "connect"
            ? $"{perProcess} connections are more than the {limit} descriptors that a process can have here: "
                + $"give --processes {(Connections + limit - 1) / limit} or more."
            : null;
    }

    private static int DescriptorLimit()
    {
        const string Name = "Max open files";
        string line = File.ReadLines("/proc/self/limits")
            .First(line => line.StartsWith(Name, StringComparison.Ordinal));
        string soft = line[Name.Length..].TrimStart().Split(' ')[0];
        return int.TryParse(soft, CultureInfo.InvariantCulture, out int limit) ? limit : int.MaxValue;
    }
}
