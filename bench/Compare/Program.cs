using System.CommandLine;
using Compare;
using Compare.Load;

return await BuildCommand().Parse(args).InvokeAsync();

static RootCommand BuildCommand()
{
    var quick = new Option<bool>("--quick") { Description = "Take two minutes: fewer cells, measured once." };
    Option<string[]> peers = List<string>("--peers", "The peers, by their keys; all by default.");
    Option<string[]> experiments = List<string>("--experiments", "echo, growth, handshake, idle, http; default: all.");
    Option<int[]> payloads = List<int>("--payloads", "The payloads of the echo grid, in bytes.");
    Option<int[]> depths = List<int>("--depths", "The messages in flight on each connection of the echo grid.");
    Option<int[]> connections = List<int>("--connections", "The numbers of connections of the echo grid.");
    Option<int[]> growth = List<int>("--growth", "The numbers of connections at which growth is measured.");
    var rate = new Option<int?>("--rate") { Description = "The messages a second offered while growth is measured." };
    var idle = new Option<int?>("--idle") { Description = "The number of idle connections." };
    var repeats = new Option<int?>("--repeats") { Description = "How often everything is measured." };
    var duration = new Option<int?>("--duration") { Description = "The length of one measurement, in seconds." };
    var warmup = new Option<int?>("--warmup") { Description = "The length of the warm-up before it, in seconds." };
    var output = new Option<string>("--output")
    {
        Description = "The directory of results.json, report.html and report.md.",
        DefaultValueFactory = _ => Repository.Locate("artifacts", "bench"),
    };
    var docs = new Option<string?>("--docs") { Description = "A page whose results are replaced." };
    var command = new RootCommand("Compares the WebSocket echo of Tideway with that of others on this machine.")
    {
        quick, peers, experiments, payloads, depths, connections, growth, rate, idle,
        repeats, duration, warmup, output, docs,
        HttpLoadCommand(),
    };
    command.SetAction((result, cancellationToken) =>
    {
        Settings basis = result.GetValue(quick) ? Settings.Quick : new Settings();
        Settings settings = basis with
        {
            Peers = Given(peers, basis.Peers),
            Experiments = Given(experiments, basis.Experiments),
            Payloads = Given(payloads, basis.Payloads),
            Depths = Given(depths, basis.Depths),
            Connections = Given(connections, basis.Connections),
            Growth = Given(growth, basis.Growth),
            Rate = result.GetValue(rate) ?? basis.Rate,
            Idle = result.GetValue(idle) ?? basis.Idle,
            Repeats = result.GetValue(repeats) ?? basis.Repeats,
            Duration = result.GetValue(duration) ?? basis.Duration,
            Warmup = result.GetValue(warmup) ?? basis.Warmup,
        };
        return Run.StartAsync(settings, result.GetValue(output)!, result.GetValue(docs), cancellationToken);

        T[] Given<T>(Option<T[]> option, T[] otherwise) =>
            result.GetValue(option) is { Length: > 0 } values ? values : otherwise;
    });
    return command;
}

static Option<T[]> List<T>(string name, string description) =>
    new(name) { Description = description, AllowMultipleArgumentsPerToken = true };

static Command HttpLoadCommand()
{
    var port = new Option<int>("--port") { Required = true };
    var connections = new Option<int>("--connections") { Required = true };
    var warmup = new Option<int>("--warmup") { Required = true };
    var duration = new Option<int>("--duration") { Required = true };
    var server = new Option<int>("--server-pid") { Required = true };
    var command = new Command("http-load", "Loads a server with GET /ping, as the comparison does.")
    {
        port, connections, warmup, duration, server,
    };
    command.SetAction(result =>
    {
        var load = new HttpLoad(result.GetValue(port), result.GetValue(connections), result.GetValue(server));
        Console.WriteLine(load.Run(
            TimeSpan.FromSeconds(result.GetValue(warmup)), TimeSpan.FromSeconds(result.GetValue(duration))));
    });
    return command;
}
