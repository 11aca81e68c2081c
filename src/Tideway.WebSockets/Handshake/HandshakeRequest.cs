using System.Text;

namespace Tideway.WebSockets.Handshake;

/// <summary>Writes the client's half of an opening handshake over HTTP/1.1 (RFC 6455 §4.1). Pure functions.</summary>
public static class HandshakeRequest
{
    private static readonly string[] _ownHeaders =
        ["Host", "Upgrade", "Connection", "Content-Length", "Transfer-Encoding"];

    /// <summary>Writes a request.</summary>
    /// <param name="uri">Where to: the host, and the path with its query.</param>
    /// <param name="key">A key of <see cref="HandshakeKey.Create"/>, fresh for each request.</param>
    /// <param name="subprotocols">The subprotocols to offer, the preferred one first; may be empty.</param>
    /// <param name="headers">More headers, such as <c>Authorization</c> or <c>Origin</c>; may be empty.</param>
    /// <param name="extensions">The extensions to offer, such as <see cref="CompressionHandshake.Offer"/> writes them;
    /// null for none.</param>
    /// <exception cref="ArgumentException">One of these must not stand in a request. The message says
    /// which.</exception>
    public static byte[] Write(
        Uri uri,
        string key,
        IReadOnlyCollection<string> subprotocols,
        IEnumerable<KeyValuePair<string, string>> headers,
        string? extensions = null)
    {
        ArgumentNullException.ThrowIfNull(uri);
        ArgumentNullException.ThrowIfNull(subprotocols);
        ArgumentNullException.ThrowIfNull(headers);
        if (!HandshakeKey.IsValid(key))
            throw new ArgumentException("The key is not the base64 form of 16 bytes.", nameof(key));
        CheckSubprotocols(subprotocols);

        var request = new StringBuilder(512)
            .Append("GET ").Append(uri.PathAndQuery).Append(" HTTP/1.1\r\nHost: ").Append(HostOf(uri))
            .Append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ")
            .Append(key).Append("\r\n");
        if (subprotocols.Count > 0)
            request.Append("Sec-WebSocket-Protocol: ").AppendJoin(", ", subprotocols).Append("\r\n");
        if (extensions is not null) request.Append("Sec-WebSocket-Extensions: ").Append(extensions).Append("\r\n");
        foreach ((string name, string value) in headers)
        {
            CheckHeader(name, value);
            request.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return Encoding.Latin1.GetBytes(request.Append("\r\n").ToString());
    }

    private static string HostOf(Uri uri)
    {
        string host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        return uri.IsDefaultPort ? host : $"{host}:{uri.Port}";
    }

    private static void CheckSubprotocols(IReadOnlyCollection<string> subprotocols)
    {
        // RFC 6455 §4.1: tokens (RFC 9110 §5.6.2), and each only once.
        foreach (string subprotocol in subprotocols)
        {
            if (!TokenList.IsToken(subprotocol))
                throw new ArgumentException($"The subprotocol '{subprotocol}' is not a token.", nameof(subprotocols));
        }

        if (subprotocols.Distinct(StringComparer.Ordinal).Count() < subprotocols.Count)
            throw new ArgumentException("A subprotocol is offered twice.", nameof(subprotocols));
    }

    private static void CheckHeader(string name, string value)
    {
        if (!TokenList.IsToken(name))
            throw new ArgumentException($"The header name '{name}' is not a token.", nameof(name));
        if (name.StartsWith("Sec-WebSocket-", StringComparison.OrdinalIgnoreCase)
            || _ownHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"The handshake itself decides about the header '{name}'.", nameof(name));
        }

        // Values may be secrets: the message shows none.
        if (value is null || value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            throw new ArgumentException($"The header '{name}' has characters beyond visible ASCII.", nameof(value));
    }
}
