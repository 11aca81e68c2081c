namespace Tideway.WebSockets.Handshake;

/// <summary>What a server and a client agree on about permessage-deflate (RFC 7692 §7.1). Immutable.</summary>
/// <param name="ServerKeepsContext">Whether messages of the server refer to its earlier ones.</param>
/// <param name="ClientKeepsContext">Whether messages of the client refer to its earlier ones.</param>
/// <param name="ServerWindowBits">How far back the server refers, as a power of two: 8 to 15.</param>
/// <param name="ClientWindowBits">How far back the client refers, as a power of two: 8 to 15.</param>
public sealed record CompressionAgreement(
    bool ServerKeepsContext, bool ClientKeepsContext, int ServerWindowBits, int ClientWindowBits);
