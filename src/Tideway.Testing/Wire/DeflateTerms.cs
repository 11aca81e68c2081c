using System.Globalization;
using Tideway.WebSockets.Framing;

namespace Tideway.Testing.Wire;

/// <summary>What an answer agrees on about permessage-deflate (RFC 7692 §7.1). Immutable.</summary>
/// <param name="ServerKeeps">Whether the server compresses with what it sent before.</param>
/// <param name="ClientKeeps">Whether the client does.</param>
/// <param name="ServerBits">How far back the server refers at most: so many bits.</param>
/// <param name="ClientBits">How far back the client does.</param>
public sealed record DeflateTerms(bool ServerKeeps, bool ClientKeeps, int ServerBits, int ClientBits)
{
    /// <summary>Reads an answer that is known to be right.</summary>
    /// <param name="answer">The value of <c>Sec-WebSocket-Extensions</c>.</param>
    public static DeflateTerms Parse(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        string[] parameters = answer.Split(';', StringSplitOptions.TrimEntries);
        return new DeflateTerms(
            !parameters.Contains("server_no_context_takeover"),
            !parameters.Contains("client_no_context_takeover"),
            Bits("server_max_window_bits="),
            Bits("client_max_window_bits="));

        int Bits(string name) =>
            parameters.FirstOrDefault(parameter => parameter.StartsWith(name, StringComparison.Ordinal)) is { } found
                ? int.Parse(found[name.Length..], CultureInfo.InvariantCulture) : 15;
    }

    /// <summary>Lets a connection send and receive compressed messages by these terms.</summary>
    /// <param name="wire">The connection.</param>
    public void Apply(WireConnection wire)
    {
        ArgumentNullException.ThrowIfNull(wire);
        bool isServer = wire.PeerRole == WebSocketRole.Server;
        wire.Inflater = new Inflater(isServer ? ServerKeeps : ClientKeeps, isServer ? ServerBits : ClientBits);
        wire.Deflater = new Deflater(isServer ? ClientKeeps : ServerKeeps);
    }
}
