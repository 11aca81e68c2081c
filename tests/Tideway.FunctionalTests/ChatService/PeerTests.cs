using System.Diagnostics;

namespace Tideway.FunctionalTests.ChatService;

/// <summary>Drives the service with clients from elsewhere, where <c>make setup</c> has installed them.</summary>
public sealed class PeerTests
{
    private const string Node = """
        const WebSocket = require('ws');
        const socket = new WebSocket(process.argv[1], { perMessageDeflate: true });
        const sizes = [0, 1, 125, 126, 65535, 65536, 100000];
        let next = 0;
        const send = () => socket.send(Buffer.alloc(sizes[next], 'n'));
        socket.on('open', send);
        socket.on('message', data => {
          if (data.length !== sizes[next]) process.exit(2);
          if (++next < sizes.length) send(); else socket.close(4000, 'done');
        });
        socket.on('error', error => { console.error(error); process.exit(3); });
        socket.on('close', code => { console.log(code); process.exit(0); });
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
            print(chat.close_code)
        asyncio.run(main())
        """;

    [Fact]
    public async Task Node_ws_echoes_and_closes()
    {
        string modules = Repository.Path("tests", "peers", "node_modules");
        Assert.SkipUnless(
            Directory.Exists(modules), "NOT RUN: Node's 'ws' is not installed; `make setup` installs it.");
        await using ChatProcess service = await ChatProcess.StartAsync();
        Assert.Equal("4000", await RunAsync("node", "-e", Node, modules, service));
    }

    [Fact]
    public async Task Python_websockets_echoes_and_closes()
    {
        Assert.SkipUnless(
            Directory.Exists("/usr/lib/python3/dist-packages/websockets"),
            "NOT RUN: Python's 'websockets' is not installed; `make setup` installs it.");
        await using ChatProcess service = await ChatProcess.StartAsync();
        Assert.Equal("1000", await RunAsync("/usr/bin/python3", "-c", Python, "", service));
    }

    private static async Task<string> RunAsync(
        string program, string option, string script, string modules, ChatProcess service)
    {
        using var process = Process.Start(new ProcessStartInfo(program, [option, script, service.ChatUri.ToString()])
        {
            RedirectStandardOutput = true,
            Environment = { ["NODE_PATH"] = modules },
        })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }
}
