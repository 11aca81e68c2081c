using Tideway.WebSockets.Compression;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Connections;

/// <summary>The compression of one connection: what was agreed, and what it has done. Its counts are safe from any
/// thread.</summary>
public sealed class ConnectionCompression
{
    internal ConnectionCompression(WebSocketRole role, CompressionAgreement agreement, CompressionOptions options)
    {
        Agreement = agreement;
        bool isServer = role == WebSocketRole.Server;
        Deflater = new MessageDeflater(
            options.Level,
            isServer ? agreement.ServerWindowBits : agreement.ClientWindowBits,
            isServer ? agreement.ServerKeepsContext : agreement.ClientKeepsContext,
            options.MinSize);
        Inflater = new MessageInflater(isServer ? agreement.ClientKeepsContext : agreement.ServerKeepsContext);
    }

    /// <summary>What the handshake agreed on.</summary>
    public CompressionAgreement Agreement { get; }

    /// <summary>Payload bytes of the messages that were sent compressed, before that.</summary>
    public long DeflateBytesIn => Deflater.BytesIn;

    /// <summary>Payload bytes of the messages that were sent compressed, on the wire.</summary>
    public long DeflateBytesOut => Deflater.BytesOut;

    /// <summary>Payload bytes of the compressed messages that were received, on the wire.</summary>
    public long InflateBytesIn => Inflater.BytesIn;

    /// <summary>Payload bytes of the compressed messages that were received, decompressed.</summary>
    public long InflateBytesOut => Inflater.BytesOut;

    internal MessageDeflater Deflater { get; }

    internal MessageInflater Inflater { get; }

    /// <summary>Reads as <see cref="Agreement"/> does.</summary>
    public override string ToString() => Agreement.ToString();
}
