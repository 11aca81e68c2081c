using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tideway.Testing.Wire;

namespace Tideway.Testing.WebSockets;

/// <summary>Opens a connection to a service, and checks all of its answer (RFC 6455 §4.1).</summary>
internal static class OpeningHandshake
{
    private const string Offer = "permessage-deflate; client_max_window_bits";
    private const int LargestBody = 1 << 20;

    /// <summary>Asks, and reads the answer.</summary>
    /// <returns>The subprotocol that was agreed on; null for none.</returns>
    /// <exception cref="HandshakeRefusedException">The answer is not 101.</exception>
    /// <exception cref="WireException">The answer is no right one.</exception>
    public static async Task<string?> RunAsync(
        WireConnection wire, string host, string path, StrictWebSocketOptions options)
    {
        string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        var request = new StringBuilder($"GET {path} HTTP/1.1\r\nHost: {host}\r\n");
        request.Append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
        request.Append($"Sec-WebSocket-Key: {key}\r\n");
        if (options.Subprotocols.Count > 0)
            request.Append($"Sec-WebSocket-Protocol: {string.Join(", ", options.Subprotocols)}\r\n");
        if (options.Compression) request.Append($"Sec-WebSocket-Extensions: {Offer}\r\n");
        foreach ((string name, string value) in options.Headers) request.Append($"{name}: {value}\r\n");
        await wire.SendAsync(request.Append("\r\n").ToString());

        string head = await wire.ReadHeadAsync();
        string[] status = head.Split("\r\n")[0].Split(' ', 3);
        if (status is not ["HTTP/1.1", "101", _]) await RefuseAsync(wire, path, head, status);
        Expect(wire, "Upgrade", "websocket", StringComparison.OrdinalIgnoreCase);
        Expect(wire, "Connection", "upgrade", StringComparison.OrdinalIgnoreCase);
        Expect(wire, "Sec-WebSocket-Accept", AcceptOf(key), StringComparison.Ordinal);
        AgreeOnCompression(wire, options);
        return SubprotocolOf(wire, options);
    }

    /// <summary>The value of <c>Sec-WebSocket-Accept</c> that answers a key (RFC 6455 §4.2.2).</summary>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 §4.2.2 names SHA-1.")]
    public static string AcceptOf(string key) => Convert.ToBase64String(
        SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));

    private static void Expect(WireConnection wire, string name, string value, StringComparison comparison)
    {
        if (wire.HeaderLines(name) is not [var line] || !string.Equals(line, value, comparison))
            throw new WireException($"The answer has no single '{name}: {value}':\n{wire.Head}");
    }

    private static string? SubprotocolOf(WireConnection wire, StrictWebSocketOptions options)
    {
        string[] lines = wire.HeaderLines("Sec-WebSocket-Protocol");
        if (lines.Length == 0) return null;
        return lines is [var line] && options.Subprotocols.Contains(line)
            ? line
            : throw new WireException($"The answer has a subprotocol that was not offered:\n{wire.Head}");
    }

    private static void AgreeOnCompression(WireConnection wire, StrictWebSocketOptions options)
    {
        string[] lines = wire.HeaderLines("Sec-WebSocket-Extensions");
        if (lines.Length == 0) return;
        string[] parts = lines[0].Split(';', StringSplitOptions.TrimEntries);
        bool isRight = options.Compression && lines.Length == 1 && parts[0] == "permessage-deflate"
            && parts.Skip(1).All(IsParameter)
            && parts.Select(part => part.Split('=')[0]).Distinct().Count() == parts.Length;
        if (!isRight)
            throw new WireException($"The answer has an extension that was not offered, or is malformed:\n{wire.Head}");
        DeflateTerms.Parse(lines[0]).Apply(wire);
    }

    private static bool IsParameter(string text) => text.Split('=') switch
    {
        ["server_no_context_takeover"] or ["client_no_context_takeover"] => true,
        ["server_max_window_bits" or "client_max_window_bits", var bits] =>
            bits is "8" or "9" or "10" or "11" or "12" or "13" or "14" or "15",
        _ => false,
    };

    private static async Task RefuseAsync(WireConnection wire, string path, string head, string[] status)
    {
        string body = "";
        bool isChunked = wire.HeaderLines("Transfer-Encoding").Length > 0;
        if (!isChunked && wire.HeaderLines("Content-Length") is [var length]
            && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && count <= LargestBody)
        {
            body = Encoding.UTF8.GetString(await wire.ReadBytesAsync(count) ?? []);
        }

        throw int.TryParse(status.ElementAtOrDefault(1), CultureInfo.InvariantCulture, out int code)
            ? new HandshakeRefusedException(path, code, head, body)
            : new WireException($"The answer is not HTTP/1.1:\n{head}");
    }
}
