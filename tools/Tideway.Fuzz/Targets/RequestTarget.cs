using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tideway.AspNetCore.Upgrade;
using Tideway.WebSockets.Handshake;
using static Tideway.Fuzz.Targets.HeaderLines;

namespace Tideway.Fuzz.Targets;

/// <summary>The headers of an opening handshake, one a line: as a server checks them, and as a client writes
/// them.</summary>
internal static partial class RequestTarget
{
    private static readonly string[] _origins = ["https://example.org", "null"];
    private static readonly string[] _supported = ["v2", "chat"];

    public static void Run(ReadOnlySpan<byte> input)
    {
        (string Name, string Value)[] headers = [.. Encoding.Latin1.GetString(input)
            .Split("\r\n")
            .Select(line => line.Split(':', 2))
            .Where(parts => parts.Length == 2)
            .Select(parts => (parts[0], parts[1].Trim(' ')))];
        CheckServer(headers);
        CheckExtensions(headers, keepsContext: input.Length % 2 == 0, windowBits: 9 + (input.Length % 7));
        CheckClient(headers);
    }

    private static void CheckServer((string Name, string Value)[] headers)
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpUpgradeFeature>(new UpgradeFeature());
        HttpRequest request = context.Request;
        (request.Method, request.Protocol) = ("GET", "HTTP/1.1");

        // A web server lets no header without a name through.
        foreach (string name in headers.Select(header => header.Name).Where(name => name.Length > 0))
            request.Headers[name] = ValuesOf(headers, name);

        int? status = WebSocketHandshake.Check(request, _origins)?.StatusCode;
        int? expected = ExpectedStatus(headers);
        FuzzException.Unless(status == expected, $"a handshake is answered with {status} and not {expected}");
        if (status is null)
        {
            string accept = HandshakeKey.ComputeAccept(request.Headers.SecWebSocketKey!);
            FuzzException.Unless(Convert.FromBase64String(accept).Length == 20, "the accept value is no hash");
        }

        string[] offered = [.. Tokens(headers, "Sec-WebSocket-Protocol").Where(token => token.Length > 0)];
        FuzzException.UnlessSame(
            offered, TokenList.Parse(request.Headers.SecWebSocketProtocol), "the offered protocols");
        FuzzException.Unless(
            WebSocketHandshake.SelectSubprotocol(request, _supported)
                == _supported.FirstOrDefault(token => offered.Contains(token)),
            "the wrong protocol is selected");
    }

    /// <summary>What is offered is met, answered by the same grammar, and taken by our own client when it offered
    /// that.</summary>
    private static void CheckExtensions((string Name, string Value)[] headers, bool keepsContext, int windowBits)
    {
        string[] offers = ValuesOf(headers, "Sec-WebSocket-Extensions");
        CompressionAgreement? agreement =
            CompressionHandshake.Accept(offers, keepsContext, windowBits, out string? answer);
        FuzzException.Unless(agreement is null == answer is null, "an answer without agreement, or none with one");
        FuzzException.Unless(agreement is null || ExtensionList.IsValid(offers), "a malformed offer is accepted");
        FuzzException.Unless(answer is null || ExtensionList.IsValid([answer]), "a malformed answer");
        FuzzException.Unless(
            agreement is null
            || (agreement.ServerWindowBits is >= 9 and <= 15 && agreement.ServerWindowBits <= windowBits
                && agreement.ClientWindowBits is >= 8 and <= 15
                && (keepsContext || (!agreement.ServerKeepsContext && !agreement.ClientKeepsContext))),
            $"more is agreed than was allowed: {agreement}");

        // Any answer to an offer of ours is taken or refused, and what is taken is within the offer.
        string? flaw = CompressionHandshake.FindFlaw(offers, keepsContext, windowBits, out agreement);
        FuzzException.Unless(
            flaw is null || agreement is null, "an answer that is refused is agreed on");
        FuzzException.Unless(
            agreement is null || (agreement.ClientWindowBits <= windowBits
                && (keepsContext || (!agreement.ServerKeepsContext && !agreement.ClientKeepsContext))),
            $"more is agreed than was offered: {agreement}");
    }

    private static int? ExpectedStatus((string Name, string Value)[] headers)
    {
        bool asks = Tokens(headers, "Upgrade").Contains("websocket", StringComparer.OrdinalIgnoreCase)
            && Tokens(headers, "Connection").Contains("upgrade", StringComparer.OrdinalIgnoreCase);
        if (!asks) return 400;
        if (ValuesOf(headers, "Sec-WebSocket-Version") is not ["13"]) return 426;
        if (ValuesOf(headers, "Sec-WebSocket-Key") is not [var key] || !Key().IsMatch(key)) return 400;
        string[] offered = [.. Tokens(headers, "Sec-WebSocket-Protocol").Where(token => token.Length > 0)];
        bool isGiven = ValuesOf(headers, "Sec-WebSocket-Protocol").Length > 0;
        if (isGiven && (offered.Length == 0 || offered.Distinct().Count() < offered.Length)) return 400;
        if (!offered.All(Token().IsMatch)) return 400;
        if (!ValuesOf(headers, "Sec-WebSocket-Extensions").All(Extensions().IsMatch)) return 400;
        string[] origins = ValuesOf(headers, "Origin");
        bool isAllowed = origins is []
            || (origins is [var origin] && _origins.Contains(origin, StringComparer.OrdinalIgnoreCase));
        return isAllowed ? null : 403;
    }

    /// <summary>What a client writes has just the lines it should have, or is refused.</summary>
    private static void CheckClient((string Name, string Value)[] headers)
    {
        string[] offered = [.. ValuesOf(headers, "P")];
        KeyValuePair<string, string>[] more = [.. headers
            .Where(header => header.Name != "P")
            .Select(header => KeyValuePair.Create(header.Name, header.Value))];
        if (!Uri.TryCreate("ws://example.org/" + string.Concat(ValuesOf(headers, "U")), UriKind.Absolute, out Uri? uri))
            return;
        string written;
        try
        {
            written = Encoding.Latin1.GetString(
                HandshakeRequest.Write(uri, "dGhlIHNhbXBsZSBub25jZQ==", offered, more));
        }
        catch (ArgumentException)
        {
            return;
        }

        string[] lines = written.Split("\r\n");
        int own = 6 + (offered.Length > 0 ? 1 : 0);
        FuzzException.Unless(lines.Length == own + more.Length + 2, "a request has lines that nobody asked for");
        FuzzException.Unless(lines[^2..].All(line => line.Length == 0), "a request does not end with a blank line");
        FuzzException.Unless(lines.SkipLast(2).All(line => line.Length > 0), "a request has a blank line inside");
        FuzzException.Unless(!lines.Any(line => line.AsSpan().ContainsAny('\r', '\n')), "a line has a bare end inside");
        FuzzException.UnlessSame(
            [.. more.Select(header => $"{header.Key}: {header.Value}")], lines[own..^2], "the headers of a request");
    }

    /// <summary>Base64 of 16 bytes, whose last four bits are no part of them and have to be 0 (RFC 4648
    /// §3.5).</summary>
    [GeneratedRegex(@"\A[A-Za-z0-9+/]{21}[AQgw]==\z")]
    private static partial Regex Key();

    [GeneratedRegex(@"\A[!#$%&'*+.^_`|~0-9A-Za-z-]+\z")]
    private static partial Regex Token();

    /// <summary>A list of extensions, where elements may be empty; a value is a token, or a quoted one (RFC 6455
    /// §9.1).</summary>
    [GeneratedRegex("""
        (?x) \A [\x20\t,]*
        (?: [!\#$%&'*+.^_`|~0-9A-Za-z-]+
            (?: [\x20\t]* ; [\x20\t]* [!\#$%&'*+.^_`|~0-9A-Za-z-]+
                (?: [\x20\t]* = [\x20\t]*
                    (?: [!\#$%&'*+.^_`|~0-9A-Za-z-]+ | " (?: \\? [!\#$%&'*+.^_`|~0-9A-Za-z-] )+ " ) )? )*
            [\x20\t]* (?: , [\x20\t,]* | \z ) )* \z
        """)]
    private static partial Regex Extensions();

    private sealed class UpgradeFeature : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => true;

        public Task<Stream> UpgradeAsync() => throw new NotSupportedException();
    }
}
