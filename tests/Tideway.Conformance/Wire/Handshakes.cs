using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Tideway.Testing.Wire;

namespace Tideway.Conformance.Wire;

/// <summary>The opening handshakes of cases that are about something else.</summary>
internal static class Handshakes
{
    /// <summary>The value of <c>Sec-WebSocket-Accept</c> that answers a key (RFC 6455 §4.2.2).</summary>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 §4.2.2 names SHA-1.")]
    public static string Accept(string key) => Convert.ToBase64String(
        SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));

    /// <summary>Opens a connection to a server under test.</summary>
    public static async Task OpenAsync(Session session, string path, string? offer = null)
    {
        string more = offer is null ? "" : $"Sec-WebSocket-Extensions: {offer}\r\n";
        await session.SendAsync(
            $"GET /{path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {session.Key}\r\n{more}\r\n");
        string head = await session.ReadHeadAsync();
        if (!head.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
            throw new CaseFailedException($"The handshake was refused: {head.Split("\r\n")[0]}");
        if (offer is null) return;
        if (session.HeaderLines("Sec-WebSocket-Extensions") is not [var answer])
            throw new CaseFailedException("The handshake agrees on no compression.");
        session.Agree(DeflateTerms.Parse(answer));
    }

    /// <summary>Opens a connection of a client under test.</summary>
    public static async Task AcceptAsync(Session session, string? extension = null)
    {
        string more = extension is null ? "" : $"Sec-WebSocket-Extensions: {extension}\r\n";
        await session.ReadHeadAsync();
        session.Key = session.HeaderLines("Sec-WebSocket-Key").Single();
        await session.SendAsync(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Accept: {Accept(session.Key)}\r\n{more}\r\n");
        if (extension is not null) session.Agree(DeflateTerms.Parse(extension));
    }
}
