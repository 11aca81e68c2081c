namespace Tideway.Conformance.Cases;

/// <summary>The offer of a client, and answers of servers to it (RFC 7692 §7.1).</summary>
internal static class ClientAnswerCases
{
    private const string Name = "permessage-deflate";

    public static IEnumerable<Case> All()
    {
        foreach ((Profile profile, string? offer) in new (Profile, string?)[]
        {
            (Profile.Echo, null),
            (Profile.Compressing, Name + "; client_max_window_bits"),
            (
                Profile.Sharing,
                Name + "; server_no_context_takeover; client_no_context_takeover; client_max_window_bits"
            ),
            (Profile.Narrow, Name + "; server_max_window_bits=9; client_max_window_bits=9"),
        })
        {
            yield return Client($"Where it is {profile.Name}, a client offers {offer ?? "nothing"}", c => c
                .ReadRequest().ExpectExactHeader("Sec-WebSocket-Extensions", offer).Answer(Answer(null)), profile);
        }

        foreach (string? answer in new[]
        {
            null, Name, Name + "; server_no_context_takeover", Name + "; client_no_context_takeover",
            Name + "; server_max_window_bits=8", Name + "; server_max_window_bits=15",
            Name + "; client_max_window_bits=9", Name + "; client_max_window_bits=15",
            Name + "; client_max_window_bits=\"10\"", " , " + Name + "\t;server_no_context_takeover ,",
            Name + "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9",
        })
        {
            yield return Client($"The answer {answer ?? "without extensions"} is taken", c => c
                .ReadRequest().Answer(Answer(answer)).Check(async session => await session.Connecting! is not null),
                Profile.Compressing);
        }

        foreach (string answer in new[]
        {
            "foo", Name + ", foo", Name + ", " + Name, Name + "; unknown", Name + "; server_max_window_bits",
            Name + "; server_max_window_bits=7", Name + "; server_max_window_bits=16",
            Name + "; server_max_window_bits=010", Name + "; client_max_window_bits",
            Name + "; client_max_window_bits=7", Name + "; client_max_window_bits=16",
            Name + "; server_no_context_takeover=1", Name + "; client_no_context_takeover=1",
            Name + "; server_no_context_takeover; server_no_context_takeover",
            Name + "; client_max_window_bits=10; client_max_window_bits=10", "x-webkit-deflate-frame",
        })
        {
            yield return Client($"The answer '{answer}' fails the connection", c => c
                .ReadRequest().Answer(Answer(answer)).ExpectRefusal("failed"), Profile.Compressing);
        }

        foreach (string malformed in new[] { ";", Name + ";", Name + "; a=", Name + "; a=\"", "a b" })
        {
            yield return Client($"The malformed answer '{malformed}' fails the connection", c => c
                .ReadRequest().Answer(Answer(malformed)).ExpectRefusal("Sec-WebSocket-Extensions"),
                Profile.Compressing);
        }

        foreach ((Profile profile, string answer) in new[]
        {
            (Profile.Sharing, Name),
            (Profile.Sharing, Name + "; client_no_context_takeover"),
            (Profile.Narrow, Name),
            (Profile.Narrow, Name + "; server_max_window_bits=10"),
            (Profile.Narrow, Name + "; server_max_window_bits=9; client_max_window_bits=10"),
        })
        {
            yield return Client($"The answer '{answer}' grants less than was asked where it is {profile.Name}", c => c
                .ReadRequest().Answer(Answer(answer)).ExpectRefusal("permessage-deflate"), profile);
        }

        yield return Client("Without an offer, permessage-deflate fails the connection", c => c
            .ReadRequest().Answer(Answer(Name)).ExpectRefusal("extension"), Profile.Echo);
    }

    private static string[] Answer(string? extensions) =>
    [
        "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Accept: {accept}",
        .. extensions is null ? [] : new[] { "Sec-WebSocket-Extensions: " + extensions },
    ];

    private static Case Client(string title, Action<Script> write, Profile profile) =>
        new("RFC 7692 §7.1", title, write, profile, Roles.Client) { OpensItself = true };
}
