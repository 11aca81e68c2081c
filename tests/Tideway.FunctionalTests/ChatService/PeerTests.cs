using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;

namespace Tideway.FunctionalTests.ChatService;

/// <summary>Drives the service with clients from elsewhere, where <c>make setup</c> has installed them.</summary>
public sealed class PeerTests
{
    private const string Node = """
        const WebSocket = require('ws');
        const socket = new WebSocket(process.argv[1], { perMessageDeflate: true });
        const sizes = [0, 1, 125, 126, 65535, 65536, 100000];
        let next = 0, extensions;
        const send = () => socket.send(Buffer.alloc(sizes[next], 'n'));
        socket.on('open', () => { extensions = Object.keys(socket._extensions).join(); send(); });
        socket.on('message', data => {
          if (data.length !== sizes[next]) process.exit(2);
          if (++next < sizes.length) send(); else socket.close(4000, 'done');
        });
        socket.on('error', error => { console.error(error); process.exit(3); });
        socket.on('close', code => { console.log(code, extensions); process.exit(0); });
        """;

    private const string NodeSubprotocols = """
        const WebSocket = require('ws');
        const socket = new WebSocket(process.argv[1], ['v1.chat', 'v2.chat', 'other']);
        socket.on('open', () => { console.log(socket.protocol); socket.close(); });
        socket.on('error', error => { console.error(error); process.exit(3); });
        """;

    private const string PythonSubprotocols = """
        import asyncio, sys, websockets
        async def main():
            async with websockets.connect(sys.argv[1], subprotocols=['other', 'v1.chat']) as chat:
                print(chat.subprotocol)
            try:
                await websockets.connect(sys.argv[1], subprotocols=['other'])
            except websockets.exceptions.InvalidHandshake as refusal:
                print('400' in str(refusal))
        asyncio.run(main())
        """;

    private const string Python = """
        import asyncio, sys, websockets
        async def main():
            async with websockets.connect(sys.argv[1]) as chat:
                for text in ['hello', '', 'ü' * 50000, b'\x00' * 65536]:
                    await chat.send(text)
                    assert await chat.recv() == text
                await (await chat.ping())
                await chat.send(['frag', 'ments'])
                assert await chat.recv() == 'fragments'
                names = ','.join(extension.name for extension in getattr(chat, 'protocol', chat).extensions)
            print(chat.close_code, names)
        asyncio.run(main())
        """;

    private static string WithSubprotocols => ChatProcess.SampleConfig.Replace(
        "path: /chat",
        "path: /chat\n      subprotocols: [v2.chat, v1.chat]\n      require-subprotocol: true",
        StringComparison.Ordinal);

    /// <summary>Ways to compress, and the extension that both then use: these clients offer it by default.</summary>
    public static TheoryData<string, string> Compressions { get; } = new()
    {
        { "off", "" }, { "shared", "permessage-deflate" }, { "dedicated", "permessage-deflate" },
    };

    [Theory]
    [MemberData(nameof(Compressions))]
    public async Task Node_ws_echoes_and_closes(string compression, string extensions)
    {
        string modules = Repository.Path("tests", "peers", "node_modules");
        Assert.SkipUnless(
            Directory.Exists(modules), "NOT RUN: Node's 'ws' is not installed; `make setup` installs it.");
        await using ChatProcess service = await StartAsync(compression);
        Assert.Equal($"4000 {extensions}".TrimEnd(), await RunAsync("node", "-e", Node, modules, service));
    }

    [Theory]
    [MemberData(nameof(Compressions))]
    public async Task Python_websockets_echoes_and_closes(string compression, string extensions)
    {
        Assert.SkipUnless(
            Directory.Exists("/usr/lib/python3/dist-packages/websockets"),
            "NOT RUN: Python's 'websockets' is not installed; `make setup` installs it.");
        await using ChatProcess service = await StartAsync(compression);
        Assert.Equal($"1000 {extensions}".TrimEnd(), await RunAsync("/usr/bin/python3", "-c", Python, "", service));
    }

    [Fact]
    public async Task Node_ws_gets_the_subprotocol_that_the_server_prefers()
    {
        string modules = Repository.Path("tests", "peers", "node_modules");
        Assert.SkipUnless(
            Directory.Exists(modules), "NOT RUN: Node's 'ws' is not installed; `make setup` installs it.");
        await using ChatProcess service = await ChatProcess.StartAsync(WithSubprotocols);
        Assert.Equal("v2.chat", await RunAsync("node", "-e", NodeSubprotocols, modules, service));
    }

    [Fact]
    public async Task Python_websockets_gets_the_subprotocol_in_common_or_a_refusal()
    {
        Assert.SkipUnless(
            Directory.Exists("/usr/lib/python3/dist-packages/websockets"),
            "NOT RUN: Python's 'websockets' is not installed; `make setup` installs it.");
        await using ChatProcess service = await ChatProcess.StartAsync(WithSubprotocols);
        Assert.Equal("v1.chat\nTrue", await RunAsync("/usr/bin/python3", "-c", PythonSubprotocols, "", service));
    }

    [Fact]
    public async Task The_platforms_client_gets_the_subprotocol_in_common_or_a_refusal()
    {
        await using ChatProcess service = await ChatProcess.StartAsync(WithSubprotocols);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var client = new ClientWebSocket();
        client.Options.AddSubProtocol("v1.chat");
        await client.ConnectAsync(service.ChatUri, patience.Token);
        Assert.Equal("v1.chat", client.SubProtocol);

        using var other = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        await Assert.ThrowsAsync<WebSocketException>(() => other.ConnectAsync(service.ChatUri, patience.Token));
        Assert.Equal(HttpStatusCode.BadRequest, other.HttpStatusCode);
    }

    private static Task<ChatProcess> StartAsync(string compression) => ChatProcess.StartAsync(
        ChatProcess.SampleConfig.Replace("path: /chat", $"path: /chat\n      compression: {compression}"));

    private static async Task<string> RunAsync(
        string program, string option, string script, string modules, ChatProcess service)
    {
        var start = new ProcessStartInfo(program, [option, script, service.ChatUri.ToString()])
        {
            Environment = { ["NODE_PATH"] = modules },
        };
        (int exitCode, string output, string errors) = await ProgramRun.RunAsync(start);
        Assert.True(exitCode == 0, errors);
        return output.Trim();
    }
}
