using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tideway.WebSockets.Connections;

namespace Tideway.Load;

/// <summary>The options of the command line, and what they become.</summary>
internal sealed class LoadArguments
{
    private readonly Option<Uri> _url = new("--url")
    {
        Description = $"The server's address: {LoadOptions.UrlForm}.",
        Required = true,
        CustomParser = ParseUrl,
    };

    private readonly Option<int> _connections = AtLeast(1, "--connections", 100, "How many connections.");
    private readonly Option<int> _concurrency = AtLeast(1, "--concurrency", 32, "How many handshakes run at once.");
    private readonly Option<int> _depth = AtLeast(1, "--depth", 1, "How many messages are in flight on each.");
    private readonly Option<int> _payload = AtLeast(0, "--payload", 20, "The size of a message, in bytes.");
    private readonly Option<bool> _text = new("--text") { Description = "Send text messages, not binary ones." };
    private readonly Option<MessageCompression> _compression = new("--compression")
    {
        Description = "Compress messages: off, shared or dedicated. The server has to agree. "
            + "They are records of JSON then, not letters.",
    };

    private readonly Option<double?> _rate = new("--rate")
    {
        Description = "Send so many messages a second over all connections, whatever comes back. "
            + "Latency counts from the time when a message was due.",
    };

    private readonly Option<double> _duration = Seconds("--duration", 10, "How many seconds to measure.");
    private readonly Option<double> _warmup = Seconds("--warmup", 1, "How many seconds to run before that.");
    private readonly Option<int> _threads = AtLeast(1, "--threads", 1, "How many event loops, in each process.");
    private readonly Option<int> _processes = AtLeast(1, "--processes", 1, "How many processes to split it over.");
    private readonly Option<int?> _serverPid = new("--server-pid")
    {
        Description = "The server's process on this machine, to measure its processor time and memory.",
    };

    private readonly Option<string[]> _from = new("--from")
    {
        Description = "An address to connect from; repeat it for several, which take turns.",
    };

    private readonly Option<string[]> _headers = new("--header")
    {
        Description = "A header of the handshake, 'Name: value'; repeatable.",
    };

    private readonly Option<bool> _insecure = new("--insecure")
    {
        Description = "With wss: take any certificate of the server.",
    };

    public LoadArguments()
    {
        Require(_rate, "more than 0", static rate => rate > 0);
        Require(_duration, "more than 0", static duration => duration > 0);
        RequireEach(_headers, "'Name: value'", static header => header.IndexOf(':', StringComparison.Ordinal) > 0);
        _headers.Validators.Add(static result =>
        {
            IEnumerable<string> names =
                (result.GetValueOrDefault<string[]>() ?? []).Select(header => header.Split(':')[0].Trim());
            foreach (var same in names.CountBy(name => name, StringComparer.OrdinalIgnoreCase).Where(n => n.Value > 1))
                result.AddError($"--header gives '{same.Key}' {same.Value} times, expected once.");
        });
        RequireEach(_from, "an IP address", static address => IPAddress.TryParse(address, out _));
    }

    /// <summary>Lists the options of a workload.</summary>
    public IEnumerable<Option> Of(string workload)
    {
        IEnumerable<Option> own = workload switch
        {
            "echo" => [_connections, _concurrency, _depth, _payload, _text, _rate, _compression],
            "connect" => [_concurrency],
            _ => [_connections, _concurrency],
        };
        return [_url, .. own, _duration, _warmup, _threads, _processes, _serverPid, _from, _headers, _insecure];
    }

    /// <summary>Reads the options of a workload.</summary>
    public LoadOptions Read(string workload, ParseResult arguments)
    {
        bool isEcho = workload == "echo";
        Uri url = arguments.GetValue(_url)!;
        int concurrency = arguments.GetValue(_concurrency);
        int connections = workload == "connect" ? concurrency : arguments.GetValue(_connections);
        string[] from = arguments.GetValue(_from) ?? [];
        return new LoadOptions
        {
            Workload = workload,
            Url = url,
            Connections = connections,
            Concurrency = concurrency,
            Depth = isEcho ? arguments.GetValue(_depth) : 1,
            PayloadBytes = isEcho ? arguments.GetValue(_payload) : 0,
            IsText = isEcho && arguments.GetValue(_text),
            Compression = isEcho ? arguments.GetValue(_compression) : MessageCompression.Off,
            Rate = isEcho ? arguments.GetValue(_rate) : null,
            DurationSeconds = arguments.GetValue(_duration),
            WarmupSeconds = arguments.GetValue(_warmup),
            Threads = arguments.GetValue(_threads),
            Processes = arguments.GetValue(_processes),
            ServerPid = arguments.GetValue(_serverPid),
            LocalAddresses = from.Length > 0 ? from : LoopbackAddresses(url, connections),
            Headers = (arguments.GetValue(_headers) ?? []).Select(header => header.Split(':', 2))
                .ToDictionary(header => header[0].Trim(), header => header[1].Trim()),
            IsInsecure = arguments.GetValue(_insecure),
        };
    }

    /// <summary>One address has some 28,000 ports to connect from; a whole network of them is this machine.</summary>
    private static string[] LoopbackAddresses(Uri url, int connections)
    {
        const int PerAddress = 5000;
        bool isLoopback = IPAddress.TryParse(url.Host, out IPAddress? address)
            && address.AddressFamily == AddressFamily.InterNetwork && IPAddress.IsLoopback(address);
        if (!isLoopback || connections <= PerAddress) return [];
        int count = Math.Min(250, (connections + PerAddress - 1) / PerAddress);
        return [.. Enumerable.Range(1, count).Select(i => $"127.0.0.{i}")];
    }

    private static Uri? ParseUrl(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url)) return url;
        result.AddError($"--url has to be of the form {LoadOptions.UrlForm}, not '{text}'.");
        return null;
    }

    private static Option<int> AtLeast(int least, string name, int defaultValue, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => defaultValue };
        Require(option, $"{least} or more", value => value >= least);
        return option;
    }

    private static Option<double> Seconds(string name, double defaultValue, string description)
    {
        var option = new Option<double>(name) { Description = description, DefaultValueFactory = _ => defaultValue };
        Require(option, "from 0 to a million", static value => value is >= 0 and <= 1e6);
        return option;
    }

    /// <summary>Checks a number that was given. What is no number is reported by the parser itself.</summary>
    private static void Require(Option option, string form, Func<double, bool> isRight) =>
        option.Validators.Add(result =>
        {
            if (result.Tokens is not [.., var last]) return;
            if (double.TryParse(last.Value, CultureInfo.InvariantCulture, out double value) && !isRight(value))
                result.AddError($"{option.Name} has to be {form}.");
        });

    private static void RequireEach(Option<string[]> option, string form, Func<string, bool> isRight) =>
        option.Validators.Add(result =>
        {
            if (!(result.GetValueOrDefault<string[]>() ?? []).All(isRight))
                result.AddError($"{option.Name} has to be {form}.");
        });
}
