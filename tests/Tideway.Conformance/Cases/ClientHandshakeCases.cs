using System.Collections.Concurrent;
using System.Text;
using Tideway.Conformance.Wire;
using Tideway.Testing.Wire;

namespace Tideway.Conformance.Cases;

/// <summary>The request of a client, and the answers of servers, right and wrong.</summary>
internal static class ClientHandshakeCases
{
    private static readonly string[] _good =
    [
        "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Accept: {accept}",
    ];

    public static IEnumerable<Case> All() => [.. Requests(), .. Accepted(), .. Refused(), .. Pieces()];

    private static IEnumerable<Case> Requests()
    {
        yield return Client("4.1", "The request is a GET of HTTP/1.1 with the path and the query", c => c
            .ReadRequest().Check(session => session.Head.StartsWith("GET /path?room=1 HTTP/1.1\r\n", Ordinal))
            .Answer(_good).Send(Frame.Text("open")).ExpectText("open"));
        yield return Client("4.1", "The request names the host and its port", c => c
            .ReadRequest().Check(session =>
                session.HeaderLines("Host") is [var host] && host == "127.0.0.1:" + session.LocalPort).Answer(_good));
        foreach ((string name, string value) in new[]
        {
            ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
        })
        {
            yield return Client("4.1", $"The request has the header {name}: {value}", c => c
                .ReadRequest().ExpectHeader(name, value).Answer(_good));
        }

        foreach (string name in new[] { "Sec-WebSocket-Protocol", "Content-Length", "Transfer-Encoding", "Origin" })
        {
            yield return Client("4.1", $"The request has no header {name} that nobody asked for", c => c
                .ReadRequest().ExpectHeader(name, null).Answer(_good));
        }

        yield return Client("4.1", "The key is the base64 of 16 bytes", c => c
            .ReadRequest().Check(session => session.HeaderLines("Sec-WebSocket-Key") is [{ Length: 24 } key]
                && Convert.FromBase64String(key).Length == 16).Answer(_good));
        yield return Client("4.1", "The key is a fresh one", c => c
            .ReadRequest().Check(session => Fresh.TryAdd(session.Key, true)).Answer(_good));
        yield return Client("4.1", "The key is a fresh one at the next connection, too", c => c
            .ReadRequest().Check(session => Fresh.TryAdd(session.Key, true)).Answer(_good));
        yield return Client("4.1", "The subprotocols are offered in order", c => c
            .ReadRequest().ExpectHeader("Sec-WebSocket-Protocol", "v2, v1").Answer(_good), Profile.Speaking);
        yield return Client("4.1", "Nothing is sent before the answer", c => c
            .ReadRequest().Check(session => session.Head.EndsWith("\r\n\r\n", Ordinal)).Answer(_good)
            .Send(Frame.Text("first")).ExpectText("first"));
    }

    private static IEnumerable<Case> Accepted()
    {
        foreach ((string title, string line, string[] instead) in new (string, string, string[])[]
        {
            ("another reason", "HTTP", ["HTTP/1.1 101 Web Socket Protocol Handshake"]),
            ("an empty reason", "HTTP", ["HTTP/1.1 101 "]),
            ("no reason", "HTTP", ["HTTP/1.1 101"]),
            ("WebSocket in mixed case", "Upgrade", ["upgrade: WebSocket"]),
            ("WEBSOCKET in capitals", "Upgrade", ["UPGRADE: WEBSOCKET"]),
            ("blanks around the upgrade", "Upgrade", ["Upgrade: \t websocket \t"]),
            ("no blank before the upgrade", "Upgrade", ["Upgrade:websocket"]),
            ("upgrade in lower case", "Connection", ["connection: upgrade"]),
            ("a list of connections", "Connection", ["Connection: keep-alive, Upgrade"]),
            ("two lines of connections", "Connection", ["Connection: keep-alive", "Connection: Upgrade"]),
            ("blanks around the accept", "Sec-WebSocket-Accept", ["Sec-WebSocket-Accept: \t {accept} \t"]),
            ("the name of the accept in lower case", "Sec-WebSocket-Accept", ["sec-websocket-accept:{accept}"]),
            ("cookies", "Upgrade", ["Set-Cookie: a=1", "Set-Cookie: b=2", "Upgrade: websocket"]),
            ("headers that nobody knows", "Upgrade", ["X-A: é", "X-Empty:", "Server: x/1", "Upgrade: websocket"]),
            ("an empty list of extensions", "Upgrade", ["Upgrade: websocket", "Sec-WebSocket-Extensions:"]),
            ("a head of 16,000 bytes", "Upgrade", ["X-Long: " + new string('x', 15_800), "Upgrade: websocket"]),
        })
        {
            yield return Client("4.1", $"An answer is accepted with {title}", c => c
                .ReadRequest().Answer(With(line, instead)).Send(Frame.Text("open")).ExpectText("open"));
        }

        foreach (string chosen in new[] { "v1", "v2" })
        {
            yield return Client("4.1", $"The subprotocol {chosen} that was offered is taken", c => c
                .ReadRequest().Answer([.. _good, "Sec-WebSocket-Protocol: " + chosen])
                .Check(async session => (await session.Connecting!).Subprotocol == chosen), Profile.Speaking);
        }

        foreach (string interim in new[] { "100 Continue", "102 Processing", "103 Early Hints" })
        {
            yield return Client("4.1", $"The interim answer {interim} may come before the answer", c => c
                .ReadRequest().Answer($"HTTP/1.1 {interim}", "X: 1").Answer(_good)
                .Send(Frame.Text("open")).ExpectText("open"));
        }

        yield return Client("4.1", "A server may choose no subprotocol", c => c
            .ReadRequest().Answer(_good).Check(async session => (await session.Connecting!).Subprotocol is null),
            Profile.Speaking);
    }

    private static IEnumerable<Case> Refused()
    {
        foreach ((string title, string line, string[] instead, string reason) in
            new (string, string, string[], string)[]
        {
            ("no upgrade", "Upgrade", [], "does not upgrade"),
            ("another upgrade", "Upgrade", ["Upgrade: h2c"], "does not upgrade"),
            ("a longer upgrade", "Upgrade", ["Upgrade: websockets"], "does not upgrade"),
            ("a list of upgrades", "Upgrade", ["Upgrade: websocket, h2c"], "does not upgrade"),
            ("two upgrades", "Upgrade", ["Upgrade: websocket", "Upgrade: websocket"], "does not upgrade"),
            ("no connection", "Connection", [], "Connection"),
            ("another connection", "Connection", ["Connection: keep-alive"], "Connection"),
            ("a longer connection", "Connection", ["Connection: Upgraded"], "Connection"),
            ("no accept", "Sec-WebSocket-Accept", [], "Sec-WebSocket-Accept"),
            ("an empty accept", "Sec-WebSocket-Accept", ["Sec-WebSocket-Accept:"], "Sec-WebSocket-Accept"),
            (
                "an accept for another key", "Sec-WebSocket-Accept",
                ["Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="], "Sec-WebSocket-Accept"
            ),
            ("a longer accept", "Sec-WebSocket-Accept", ["Sec-WebSocket-Accept: {accept}="], "Sec-WebSocket-Accept"),
            ("the key for an accept", "Sec-WebSocket-Accept", ["Sec-WebSocket-Accept: {key}"], "Sec-WebSocket-Accept"),
            (
                "two accepts", "Sec-WebSocket-Accept",
                ["Sec-WebSocket-Accept: {accept}", "Sec-WebSocket-Accept: {accept}"], "Sec-WebSocket-Accept"
            ),
            (
                "the accept in lower case", "Sec-WebSocket-Accept", ["Sec-WebSocket-Accept: {lower}"],
                "Sec-WebSocket-Accept"
            ),
            (
                "an extension that was not offered", "Upgrade",
                ["Upgrade: websocket", "Sec-WebSocket-Extensions: foo; bar"], "extension"
            ),
            (
                "a subprotocol though none was offered", "Upgrade",
                ["Upgrade: websocket", "Sec-WebSocket-Protocol: v1"], "subprotocol"
            ),
            ("the status 200", "HTTP", ["HTTP/1.1 200 OK"], "200 OK"),
            ("the status 301", "HTTP", ["HTTP/1.1 301 Moved", "Location: /there"], "301 Moved"),
            ("the status 401", "HTTP", ["HTTP/1.1 401 Unauthorized"], "401 Unauthorized"),
            ("the status 426", "HTTP", ["HTTP/1.1 426 Upgrade Required"], "426 Upgrade Required"),
            ("the status 503", "HTTP", ["HTTP/1.1 503 Busy"], "503 Busy"),
            ("HTTP/1.0", "HTTP", ["HTTP/1.0 101 Switching Protocols"], "status line"),
            ("HTTP/2", "HTTP", ["HTTP/2 101 Switching Protocols"], "not HTTP/1.1"),
            ("a status of two digits", "HTTP", ["HTTP/1.1 10 x"], "status line"),
            ("a status of four digits", "HTTP", ["HTTP/1.1 1010 x"], "status line"),
            ("a status of letters", "HTTP", ["HTTP/1.1 abc x"], "status line"),
            ("http in lower case", "HTTP", ["http/1.1 101 x"], "not HTTP/1.1"),
            ("another protocol", "HTTP", ["SSH-2.0-OpenSSH"], "not HTTP/1.1"),
            ("a folded header", "Upgrade", ["Upgrade: websocket", "X: a", " b"], "header line"),
            ("a blank before a colon", "Upgrade", ["Upgrade : websocket"], "header line"),
            ("a header without a colon", "Upgrade", ["Upgrade: websocket", "nonsense"], "header line"),
            ("a header without a name", "Upgrade", ["Upgrade: websocket", ": x"], "header line"),
            ("NUL in a header", "Upgrade", ["Upgrade: websocket", "X: a\0b"], "header line"),
            ("a head of 17,000 bytes", "Upgrade", ["X: " + new string('x', 17_000), "Upgrade: websocket"], "longer"),
        })
        {
            yield return Client("4.1", $"An answer with {title} fails the connection", c => c
                .ReadRequest().Answer(With(line, instead)).ExpectRefusal(reason));
        }

        foreach (string[] chosen in new string[][] { ["v3"], ["V1"], ["v2, v1"], ["v2", "v1"], [""] })
        {
            string names = string.Join("' and '", chosen);
            yield return Client("4.1", $"The subprotocols '{names}' fail the connection", c => c
                .ReadRequest().Answer([.. _good, .. chosen.Select(name => "Sec-WebSocket-Protocol: " + name)])
                .ExpectRefusal("subprotocol"), Profile.Speaking);
        }

        yield return Client("4.1", "An end of the transport before the answer fails the connection", c => c
            .ReadRequest().EndSending().ExpectRefusal("before it answered"));
        yield return Client("4.1", "An end of the transport inside the answer fails the connection", c => c
            .ReadRequest().Do(session => session.SendAsync("HTTP/1.1 101 Switching Protocols\r\nUpgrade: web"))
            .EndSending().ExpectRefusal("before it answered"));
    }

    private static IEnumerable<Case> Pieces()
    {
        yield return Client("4.1", "The answer may come byte by byte", c => c
            .ReadRequest().Do(async session =>
            {
                foreach (char letter in HandshakeSteps.Fill(session, _good)) await session.SendAsync(letter.ToString());
            })
            .Send(Frame.Text("open")).ExpectText("open"));
        yield return Client("4.1", "Frames in the segment of the answer are received", c => c
            .ReadRequest().Do(session => session.SendAsync(
                (byte[])[
                    .. Good(session),
                    .. session.Encode(Frame.Text("early"), Frame.Ping("p"), Frame.Binary(1)),
                ]))
            .ExpectText("early").ExpectPong((byte)'p').ExpectBinary(1));
        yield return Client("4.1", "A violation in the segment of the answer fails the connection", c => c
            .ReadRequest().Do(session => session.SendAsync(
                (byte[])[.. Good(session), .. session.Encode(new Frame(5, [1]))]))
            .ExpectFailure(1002));
        yield return Client("4.1", "A close in the segment of the answer is answered", c => c
            .ReadRequest().Do(session => session.SendAsync(
                (byte[])[.. Good(session), .. session.Encode(Frame.Close(1001))]))
            .ExpectClose(1001));
        yield return Client("4.1", "A frame that begins in the segment of the answer is received", c => c
            .ReadRequest().Do(async session =>
            {
                byte[] frame = session.Encode(Frame.Text("early"));
                await session.SendAsync((byte[])[.. Good(session), .. frame[..3]]);
                await session.Connecting!;
                await session.SendAsync(frame.AsMemory(3));
            })
            .ExpectText("early"));
    }

    private static StringComparison Ordinal => StringComparison.Ordinal;

    /// <summary>The keys that were seen, over all runs.</summary>
    private static ConcurrentDictionary<string, bool> Fresh { get; } = new();

    private static byte[] Good(Session session) => Encoding.Latin1.GetBytes(HandshakeSteps.Fill(session, _good));

    private static Case Client(string section, string title, Action<Script> write, Profile? profile = null) =>
        new(section, title, write, profile, Roles.Client) { OpensItself = true };

    /// <summary>The good answer with other lines in place of one.</summary>
    private static string[] With(string name, params string[] instead) =>
        [.. _good.SelectMany(line => line.StartsWith(name, StringComparison.Ordinal) ? instead : [line])];
}
