namespace Tideway.Conformance.Cases;

/// <summary>Offers of permessage-deflate, and what a server answers (RFC 7692 §7.1).</summary>
internal static class ServerOfferCases
{
    private const string Name = "permessage-deflate";

    public static IEnumerable<Case> All()
    {
        foreach ((string offer, string? answer) in new (string, string?)[]
        {
            (Name, Name),
            ("client_max_window_bits", Name),
            ("server_no_context_takeover", Name + "; server_no_context_takeover"),
            ("client_no_context_takeover", Name + "; client_no_context_takeover"),
            (
                "server_no_context_takeover; client_no_context_takeover",
                Name + "; server_no_context_takeover; client_no_context_takeover"
            ),
            ("client_no_context_takeover; client_max_window_bits", Name + "; client_no_context_takeover"),
            ("server_max_window_bits=9", Name + "; server_max_window_bits=9"),
            ("server_max_window_bits=10", Name + "; server_max_window_bits=10"),
            ("server_max_window_bits=14", Name + "; server_max_window_bits=14"),
            ("server_max_window_bits=15", Name + "; server_max_window_bits=15"),
            ("server_max_window_bits=\"12\"", Name + "; server_max_window_bits=12"),
            ("client_max_window_bits=8", Name + "; client_max_window_bits=8"),
            ("client_max_window_bits=10", Name + "; client_max_window_bits=10"),
            ("client_max_window_bits=15", Name),
            (
                "server_max_window_bits=10; client_max_window_bits=12",
                Name + "; server_max_window_bits=10; client_max_window_bits=12"
            ),
            ("server_max_window_bits", null),
            ("server_max_window_bits=7", null),
            ("server_max_window_bits=16", null),
            ("server_max_window_bits=0", null),
            ("server_max_window_bits=09", null),
            ("server_max_window_bits=1e1", null),
            ("server_max_window_bits=abc", null),
            ("server_max_window_bits=99999999999", null),
            ("client_max_window_bits=7", null),
            ("client_max_window_bits=16", null),
            ("client_max_window_bits=010", null),
            ("server_no_context_takeover=1", null),
            ("client_no_context_takeover=true", null),
            ("unknown", null),
            ("unknown=1", null),
            ("server_no_context_takeover; server_no_context_takeover", null),
            ("client_no_context_takeover; client_no_context_takeover", null),
            ("server_max_window_bits=10; server_max_window_bits=10", null),
            ("server_max_window_bits=10; server_max_window_bits=11", null),
            ("client_max_window_bits; client_max_window_bits=10", null),
        })
        {
            string line = offer == Name ? offer : Name + "; " + offer;
            yield return Server($"The offer '{line}' is answered with {answer ?? "nothing"}", answer, [line]);
            if (answer is not null) continue;
            yield return Server($"Behind the offer '{line}', a plain one is taken", Name, [line + ", " + Name]);
        }

        yield return Server("Of two right offers the first is taken", Name + "; server_no_context_takeover",
            [Name + "; server_no_context_takeover, " + Name]);
        yield return Server("Of two lines of offers the first is taken", Name + "; server_max_window_bits=10",
            [Name + "; server_max_window_bits=10", Name]);
        yield return Server("Other extensions before it are passed over", Name, ["foo, bar; x=1, " + Name]);
        yield return Server("Blanks, tabs and empty elements do not count", Name + "; server_max_window_bits=10",
            [$" ,, {Name}\t; \tserver_max_window_bits = 10 ,"]);
        yield return Server("A longer name is another extension", null, [Name + "d"]);
        yield return Server("The older extension of browsers is another", null, ["x-webkit-deflate-frame"]);
        yield return Server("Where compression is off, its offer is not answered", null, [Name], "echo");
        yield return Server("Where each message is by itself, the answer says so", Name
            + "; server_no_context_takeover; client_no_context_takeover", [Name], "sharing");
        yield return Server("Where the window is small, the answer says so", Name
            + "; server_max_window_bits=9; client_max_window_bits=9", [Name + "; client_max_window_bits"], "narrow");
        yield return Server("A client that cannot be limited is not", Name + "; server_max_window_bits=9", [Name],
            "narrow");

        foreach (string malformed in new[]
        {
            ";", "=", "\"", Name + ";", Name + "; =1", Name + "; a=", Name + "; a=\"", Name + "; a=\"b c\"", "a b",
            Name + "; a b", Name + "; a=b c", Name + ";; a", "(a)", Name + "/1",
        })
        {
            yield return Server("9.1", $"The malformed list of extensions '{malformed}' is refused with 400", c => c
                .SendHead(Request("compressing", malformed)).ExpectStatus(400));
        }
    }

    private static Case Server(string title, string? answer, string[] offers, string path = "compressing") =>
        Server("RFC 7692 §7.1", title, c => c
            .SendHead(Request(path, offers)).ExpectStatus(101)
            .ExpectExactHeader("Sec-WebSocket-Extensions", answer));

    private static Case Server(string section, string title, Action<Script> write) =>
        new(section, title, write, Roles: Roles.Server) { OpensItself = true };

    private static string[] Request(string path, params string[] offers) =>
    [
        $"GET /{path} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        .. offers.Select(offer => "Sec-WebSocket-Extensions: " + offer),
    ];
}
