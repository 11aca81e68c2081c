using System.Globalization;
using Tideway.WebSockets.Framing;

namespace Tideway.Conformance.Wire;

/// <summary>What an answer agrees on about permessage-deflate (RFC 7692 §7.1). Immutable.</summary>
internal sealed record DeflateTerms(bool ServerKeeps, bool ClientKeeps, int ServerBits, int ClientBits)
{
    /// <summary>Reads an answer that is known to be right.</summary>
    public static DeflateTerms Parse(string answer)
    {
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

    /// <summary>Lets a session send and receive compressed messages by these terms.</summary>
    public void Apply(Session session)
    {
        bool isServer = session.Role == WebSocketRole.Server;
        session.Inflater = new Inflater(isServer ? ServerKeeps : ClientKeeps, isServer ? ServerBits : ClientBits);
        session.Deflater = new Deflater(isServer ? ClientKeeps : ServerKeeps);
    }
}
