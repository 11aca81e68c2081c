namespace Compare.Peers;

/// <summary>The peers that can run on this machine, and why others cannot.</summary>
public sealed class PeerList
{
    private PeerList()
    {
    }

    /// <summary>The peers, in the order of the tables.</summary>
    public List<Peer> Peers { get; } = [];

    /// <summary>One sentence for each peer that is left out.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Finds all peers; compiles the floor, and installs Node's packages when they are missing.</summary>
    /// <param name="directory">Where the floor is compiled to.</param>
    public static PeerList Find(string directory)
    {
        var list = new PeerList();
        list.AddFloor(directory);
        string engine = Repository.Assembly("bench", "Peers", "Engine");
        string config = Repository.Locate("bench", "Peers", "Tideway", "static_config.yaml");
        list.AddDotnet(new Peer(
            Peer.Engine, "Tideway engine", "the engine alone, in an ASP.NET Core application", engine, "{port}"));
        list.AddDotnet(new Peer(
            "tideway", "Tideway", "the whole framework: the chat sample at log level warning",
            Repository.Assembly("samples", "ChatService"), "-c", config));
        list.AddDotnet(new Peer(
            Peer.Stock, "ASP.NET Core", "stock ASP.NET Core WebSockets, a 4 KiB buffer a connection",
            Repository.Assembly("bench", "Peers", "AspNetCore"), "{port}"));
        list.AddWs();
        list.AddDotnet(new Peer(
            "engine-inline", "Tideway engine, inline", "the engine, with HTTP requests run on its loops",
            engine, "{port}", "--inline")
        { HttpOnly = true });
        list.AddDotnet(new Peer(
            "engine-stock", "the same on stock Kestrel", "the engine's application on Kestrel's own transport",
            engine, "{port}", "--stock")
        { HttpOnly = true });
        return list;
    }

    private void AddDotnet(Peer peer) => Peers.Add(peer with
    {
        Command = ["dotnet", .. peer.Command],
        Environment = new Dictionary<string, string>
        {
            ["DOTNET_gcServer"] = "0",
            ["DOTNET_STARTUP_HOOKS"] = Repository.Assembly("bench", "Peers", "CollectOnSignal"),
            ["TIDEWAY_BENCH_PORT"] = "{port}",
        },
    });

    private void AddFloor(string directory)
    {
        string source = Repository.Locate("bench", "Peers", "floor", "floor.c");
        string program = Path.Combine(directory, "floor");
        if (Commands.TryRun(directory, "gcc", "-O2", "-o", program, source) is null)
            Notes.Add("The floor is left out: it needs gcc.");
        else
            Peers.Add(new Peer(
                Peer.Floor, "floor", "the least an echo can cost: epoll, a recv and a send, in C", program, "{port}")
            { Collects = false });
    }

    private void AddWs()
    {
        string directory = Repository.Locate("bench", "Peers", "ws");
        bool installed = Directory.Exists(Path.Combine(directory, "node_modules"))
            || Commands.TryRun(directory, "npm", "ci", "--silent", "--no-audit", "--no-fund") is not null;
        string server = Path.Combine(directory, "server.js");
        if (installed && Commands.TryRun(directory, "node", "--version") is not null)
            Peers.Add(new Peer("ws", "ws", "Node's ws, with native masking", "node", "--expose-gc", server, "{port}"));
        else
            Notes.Add("ws is left out: it needs node and npm.");
    }
}
