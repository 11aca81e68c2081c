using System.Text;
using Tideway.Testing.Wire;

namespace Tideway.Conformance.Cases;

/// <summary>Requests of clients, right and wrong, and what a server answers.</summary>
internal static class ServerHandshakeCases
{
    private const string Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private static readonly string[] _good =
    [
        "GET /echo HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];

    public static IEnumerable<Case> All() =>
        [.. Accepted(), .. Refused(), .. Keys(), .. Versions(), .. Choices(), .. Pieces()];

    private static IEnumerable<Case> Accepted()
    {
        yield return Server("4.2.2", "A handshake is answered with 101 and the right accept", c => c
            .SendHead(_good).ExpectStatus(101).ExpectHeader("Upgrade", "websocket")
            .ExpectHeader("Connection", "Upgrade").ExpectExactHeader("Sec-WebSocket-Accept", Accept)
            .ExpectHeader("Sec-WebSocket-Protocol", null).ExpectHeader("Sec-WebSocket-Extensions", null)
            .ExpectHeader("Content-Length", null).ExpectHeader("Transfer-Encoding", null)
            .Send(Frame.Text("open")).ExpectText("open"));

        foreach ((string title, string line, string[] instead) in new (string, string, string[])[]
        {
            ("Upgrade in capitals", "Upgrade", ["UPGRADE: WEBSOCKET"]),
            ("WebSocket in mixed case", "Upgrade", ["Upgrade: WebSocket"]),
            ("a list of upgrades", "Upgrade", ["Upgrade: h2c, websocket"]),
            ("a list of upgrades without blanks", "Upgrade", ["Upgrade: a/1,websocket,b"]),
            ("two lines of upgrades", "Upgrade", ["Upgrade: h2c", "Upgrade: websocket"]),
            ("a tab before the upgrade", "Upgrade", ["Upgrade:\twebsocket"]),
            ("tabs and blanks around the upgrade", "Upgrade", ["Upgrade: \t websocket \t "]),
            ("no blank before the upgrade", "Upgrade", ["Upgrade:websocket"]),
            ("empty elements among the upgrades", "Upgrade", ["Upgrade: , websocket,, "]),
            ("upgrade in lower case", "Connection", ["Connection: upgrade"]),
            ("upgrade in capitals", "Connection", ["connection: UPGRADE"]),
            ("keep-alive before upgrade", "Connection", ["Connection: keep-alive, Upgrade"]),
            ("keep-alive behind upgrade", "Connection", ["Connection: Upgrade, keep-alive"]),
            ("a list of connections without blanks", "Connection", ["Connection: keep-alive,Upgrade"]),
            ("a tab before the connection", "Connection", ["Connection:\tUpgrade"]),
            ("two lines of connections", "Connection", ["Connection: keep-alive", "Connection: Upgrade"]),
            ("unknown names among the connections", "Connection", ["Connection: x-hop, Upgrade, HTTP2-Settings"]),
            ("the name of the key in capitals", "Sec-WebSocket-Key", ["SEC-WEBSOCKET-KEY: dGhlIHNhbXBsZSBub25jZQ=="]),
            ("blanks around the key", "Sec-WebSocket-Key", ["Sec-WebSocket-Key: \t dGhlIHNhbXBsZSBub25jZQ==\t "]),
            ("the name of the version in lower case", "Sec-WebSocket-Version", ["sec-websocket-version:13"]),
            ("blanks behind the version", "Sec-WebSocket-Version", ["Sec-WebSocket-Version:  13 \t"]),
            ("a host with a port", "Host", ["Host: localhost:8080"]),
            ("an IPv6 host", "Host", ["Host: [::1]:8080"]),
            ("a query", "GET", ["GET /echo?room=1&x=%20 HTTP/1.1"]),
            ("an escaped path", "GET", ["GET /%65cho HTTP/1.1"]),
            ("an absolute address", "GET", ["GET http://localhost/echo HTTP/1.1"]),
            ("an origin, where all may come", "Host", ["Host: localhost", "Origin: https://any.example"]),
            ("the origin null, where all may come", "Host", ["Host: localhost", "Origin: null"]),
            ("cookies", "Host", ["Host: localhost", "Cookie: a=1; b=2", "Cookie: c=3"]),
            ("headers that nobody knows", "Host", ["Host: localhost", "X-A: 1", "X-A: 2", "X-Empty:"]),
            ("a header of 8,000 bytes", "Host", ["Host: localhost", "X-Long: " + new string('x', 8000)]),
            ("other Sec-WebSocket headers", "Host", ["Host: localhost", "Sec-WebSocket-Key1: 18x 6]8vM;54 *(5:"]),
        })
        {
            yield return Server("4.2.1", $"A handshake is accepted with {title}", c => c
                .SendHead(With(line, instead)).ExpectStatus(101).ExpectExactHeader("Sec-WebSocket-Accept", Accept)
                .Send(Frame.Text("open")).ExpectText("open"));
        }

        foreach (string extensions in new[]
        {
            "x-webkit-deflate-frame", "foo", "foo; bar", "foo; bar=baz, foo; bar=\"quoted\"", "mux; max=4; flow",
        })
        {
            yield return Server("9.1", $"The extension '{extensions}' is not taken up", c => c
                .SendHead([.. _good, "Sec-WebSocket-Extensions: " + extensions]).ExpectStatus(101)
                .ExpectHeader("Sec-WebSocket-Extensions", null).Send(Frame.Text("open")).ExpectText("open"));
        }

        yield return Server("4.2.2", "Any order of the headers will do", c => c
            .SendHead([_good[0], .. _good.Skip(1).Reverse()]).ExpectStatus(101)
            .ExpectExactHeader("Sec-WebSocket-Accept", Accept));
    }

    private static IEnumerable<Case> Refused()
    {
        foreach ((string title, string line, string[] instead, int status) in new (string, string, string[], int)[]
        {
            ("without an upgrade", "Upgrade", [], 400),
            ("with an empty upgrade", "Upgrade", ["Upgrade:"], 400),
            ("with another upgrade", "Upgrade", ["Upgrade: h2c"], 400),
            ("with an upgrade that only contains the word", "Upgrade", ["Upgrade: websockets"], 400),
            ("with an upgrade of two words", "Upgrade", ["Upgrade: web socket"], 400),
            ("without a connection", "Connection", [], 400),
            ("with another connection", "Connection", ["Connection: keep-alive"], 400),
            ("with the connection close", "Connection", ["Connection: close"], 400),
            ("with a connection that only contains the word", "Connection", ["Connection: Upgraded"], 400),
            ("without a host", "Host", [], 400),
            ("with two hosts", "Host", ["Host: a", "Host: b"], 400),
            ("with a host that is none", "Host", ["Host: a b"], 400),
            ("over HTTP/1.0", "GET", ["GET /echo HTTP/1.0"], 400),
            ("over HTTP/0.9", "GET", ["GET /echo HTTP/0.9"], 505),
            ("over HTTP/2.0 in the form of 1.1", "GET", ["GET /echo HTTP/2.0"], 505),
            ("without a version of HTTP", "GET", ["GET /echo"], 400),
            ("by POST", "GET", ["POST /echo HTTP/1.1"], 405),
            ("by PUT", "GET", ["PUT /echo HTTP/1.1"], 405),
            ("by HEAD", "GET", ["HEAD /echo HTTP/1.1"], 405),
            ("by OPTIONS", "GET", ["OPTIONS /echo HTTP/1.1"], 405),
            ("by get in lower case", "GET", ["get /echo HTTP/1.1"], 400),
            ("at an address that nobody serves", "GET", ["GET /nowhere HTTP/1.1"], 404),
            ("with a request line of 10,000 bytes", "GET", [$"GET /echo?{new string('x', 10_000)} HTTP/1.1"], 414),
            ("with a header of 40,000 bytes", "Host", ["Host: localhost", "X: " + new string('x', 40_000)], 431),
            (
                "with 200 headers", "Host",
                ["Host: localhost", .. Enumerable.Range(0, 200).Select(i => $"X-{i}: x")], 431
            ),
            ("with a folded header", "Host", ["Host: localhost", "X-Folded: a", " b"], 400),
            ("with a blank before a colon", "Upgrade", ["Upgrade : websocket"], 400),
            ("with a header without a colon", "Host", ["Host: localhost", "nonsense"], 400),
            ("with a header without a name", "Host", ["Host: localhost", ": nonsense"], 400),
            ("with NUL in a header", "Host", ["Host: localhost", "X-Nul: a\0b"], 400),
            ("with NUL in the key", "Sec-WebSocket-Key", ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\0="], 400),
        })
        {
            yield return Server("4.2.1", $"A handshake {title} is refused with {status}", c => c
                .SendHead(With(line, instead)).ExpectStatus(status).ExpectHeader("Sec-WebSocket-Accept", null));
        }
    }

    private static IEnumerable<Case> Keys()
    {
        foreach ((string title, string[] lines) in new (string, string[])[]
        {
            ("no key", []),
            ("an empty key", ["Sec-WebSocket-Key:"]),
            ("a key of 15 bytes", ["Sec-WebSocket-Key: " + Convert.ToBase64String(new byte[15])]),
            ("a key of 17 bytes", ["Sec-WebSocket-Key: " + Convert.ToBase64String(new byte[17])]),
            ("a key of 18 bytes", ["Sec-WebSocket-Key: " + Convert.ToBase64String(new byte[18])]),
            ("a key without padding", ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ"]),
            ("a key with too much padding", ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ==="]),
            ("a key of 24 characters that are not base64", ["Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!=="]),
            ("a key in the alphabet of addresses", ["Sec-WebSocket-Key: dGhl-HNhbXBsZSBub25j_Q=="]),
            ("a key with a blank inside", ["Sec-WebSocket-Key: dGhlIHNhbXBs SBub25jZQ=="]),
            ("a key with text behind it", ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== x"]),
            (
                "two keys",
                ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="]
            ),
            (
                "the same key twice",
                ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
            ),
            ("a list of keys", ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, AAAAAAAAAAAAAAAAAAAAAA=="]),
        })
        {
            yield return Server("4.2.1", $"A handshake with {title} is refused with 400", c => c
                .SendHead(With("Sec-WebSocket-Key", lines)).ExpectStatus(400)
                .ExpectHeader("Sec-WebSocket-Accept", null));
        }

        foreach ((string key, string accept) in new[]
        {
            ("AAAAAAAAAAAAAAAAAAAAAA==", "ICX+Yqv66kxgM0FcWaLWlFLwTAI="),
            ("x3JJHMbDL1EzLkh9GBhXDw==", "HSmrc0sMlYUkAGmm5OPpG2HaGWk="),
        })
        {
            yield return Server("4.2.2", $"The key {key} is answered with {accept}", c => c
                .SendHead(With("Sec-WebSocket-Key", "Sec-WebSocket-Key: " + key)).ExpectStatus(101)
                .ExpectExactHeader("Sec-WebSocket-Accept", accept));
        }
    }

    private static IEnumerable<Case> Versions()
    {
        foreach (string[] lines in new string[][]
        {
            [], [""], ["0"], ["7"], ["8"], ["12"], ["14"], ["25"], ["255"], ["013"], ["+13"], ["13.0"], ["13, 8"],
            ["8, 13"], ["13", "8"], ["13", "13"], ["x"],
        })
        {
            string name = lines.Length == 0 ? "no version" : $"the version '{string.Join("' and '", lines)}'";
            yield return Server("4.2.2", $"A handshake with {name} is answered with 426 and version 13", c => c
                .SendHead(With("Sec-WebSocket-Version", [.. lines.Select(line => "Sec-WebSocket-Version: " + line)]))
                .ExpectStatus(426).ExpectHeader("Sec-WebSocket-Version", "13")
                .ExpectHeader("Sec-WebSocket-Accept", null));
        }
    }

    private static IEnumerable<Case> Choices()
    {
        foreach ((string[] offers, string? chosen) in new (string[], string?)[]
        {
            ([], null), (["v1"], "v1"), (["v2"], "v2"), (["v1, v2"], "v2"), (["v2,v1"], "v2"), (["x, v1"], "v1"),
            (["x", "v1"], "v1"), (["v1", "v2"], "v2"), (["x"], null), (["V1"], null), (["v11"], null),
            (["\tv1\t,\tx"], "v1"), ([", v1,"], "v1"),
        })
        {
            string name = offers.Length == 0 ? "no offer" : $"the offers '{string.Join("' and '", offers)}'";
            yield return Server("4.2.2", $"Of {name} it chooses {chosen ?? "none"}", c => c
                .SendHead(
                [
                    .. With("GET", "GET /speaking HTTP/1.1"),
                    .. offers.Select(offer => "Sec-WebSocket-Protocol: " + offer),
                ])
                .ExpectStatus(101)
                .ExpectExactHeader("Sec-WebSocket-Protocol", chosen));
        }

        foreach (string offer in new[]
        {
            "", ",", " , ,", "v1, v1", "v1, v2, v1", "v 1", "v1;v2", "\"v1\"", "(v1)", "v1/2",
        })
        {
            yield return Server("4.1", $"The offer '{offer}' lists no different tokens and is refused with 400", c => c
                .SendHead([.. With("GET", "GET /speaking HTTP/1.1"), "Sec-WebSocket-Protocol: " + offer])
                .ExpectStatus(400));
        }

        foreach ((string? origin, int status) in new (string?, int)[]
        {
            (null, 101), ("https://good.example", 101), ("HTTPS://GOOD.example", 101), ("http://good.example", 403),
            ("https://evil.example", 403), ("https://good.example.evil.example", 403), ("null", 403),
            ("https://good.example:444", 403), ("https://good.example, https://evil.example", 403),
        })
        {
            yield return Server("4.2.2", $"Where one origin may come, {origin ?? "none"} gets {status}", c => c
                .SendHead(
                [
                    .. With("GET", "GET /guarded HTTP/1.1"), .. origin is null ? [] : new[] { "Origin: " + origin },
                ])
                .ExpectStatus(status));
        }

        yield return Server("4.2.2", "Two origins are refused where one may come", c => c
            .SendHead(
                [.. With("GET", "GET /guarded HTTP/1.1"), "Origin: https://good.example", "Origin: https://a.example"])
            .ExpectStatus(403));
    }

    private static IEnumerable<Case> Pieces()
    {
        string head = string.Concat(_good.Select(line => line + "\r\n")) + "\r\n";
        yield return Server("4.2.1", "A handshake may come byte by byte", c => c
            .Do(async session =>
            {
                foreach (char letter in head) await session.SendAsync(letter.ToString());
            })
            .ExpectStatus(101).Send(Frame.Text("open")).ExpectText("open"));
        yield return Server("4.2.2", "Frames in the segment of the handshake are answered", c => c
            .Do(session => session.SendAsync(
                (byte[])[
                    .. Encoding.ASCII.GetBytes(head),
                    .. session.Encode(Frame.Text("early"), Frame.Ping("p"), Frame.Binary(1, 2)),
                ]))
            .ExpectStatus(101).ExpectText("early").ExpectPong((byte)'p').ExpectBinary(1, 2));
        yield return Server("4.2.2", "A frame that begins in the segment of the handshake is answered", c => c
            .Do(async session =>
            {
                byte[] frame = session.Encode(Frame.Text("early"));
                await session.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. frame[..5]]);
                await session.ReadHeadAsync();
                await session.SendAsync(frame.AsMemory(5));
            })
            .ExpectText("early"));
        yield return Server("4.2.2", "A violation in the segment of the handshake fails the connection", c => c
            .Do(session => session.SendAsync(
                (byte[])[.. Encoding.ASCII.GetBytes(head), .. session.Encode(new Frame(5, [1]))]))
            .ExpectStatus(101).ExpectFailure(1002));
        yield return Server("4.2.2", "A close in the segment of the handshake is answered", c => c
            .Do(session => session.SendAsync(
                (byte[])[.. Encoding.ASCII.GetBytes(head), .. session.Encode(Frame.Close(1001))]))
            .ExpectStatus(101).ExpectClose(1001));
        for (int i = 0; i < head.Length; i++)
        {
            int cut = i + 1;
            if (head[i] is not ('\r' or '\n' or ':' or ' ')) continue;
            yield return Server("4.2.1", $"A handshake may be cut after byte {cut}", c => c
                .Do(async session =>
                {
                    await session.SendAsync(head[..cut]);
                    await session.SendAsync(head[cut..]);
                })
                .ExpectStatus(101).Send(Frame.Text("open")).ExpectText("open"));
        }
    }

    private static Case Server(string section, string title, Action<Script> write) =>
        new(section, title, write, Roles: Roles.Server) { OpensItself = true };

    /// <summary>The good request with other lines in place of one.</summary>
    private static string[] With(string name, params string[] instead) =>
        [.. _good.SelectMany(line => line.StartsWith(name, StringComparison.Ordinal) ? instead : [line])];
}
