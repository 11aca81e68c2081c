using System.Runtime.CompilerServices;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Connections;

/// <summary>How messages are compressed (permessage-deflate, RFC 7692), where the peer does it, too.
/// Immutable.</summary>
public sealed record CompressionOptions
{
    /// <summary>Whether messages are compressed.</summary>
    /// <remarks>Defaults to <see cref="MessageCompression.Off"/>.</remarks>
    public MessageCompression Mode { get; init; }

    /// <summary>How hard to try: from 1, the fastest, to 9, the smallest.</summary>
    /// <remarks>Defaults to 3.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is not from 1 to 9.</exception>
    public int Level { get; init => field = Within(1, 9, value); } = 3;

    /// <summary>The smallest message to compress, in bytes; smaller ones are sent as they are.</summary>
    /// <remarks>Defaults to 256: below, there is little to gain.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int MinSize { get; init => field = Within(1, int.MaxValue, value); } = 256;

    /// <summary>How far back a message may refer, as a power of two: 9 for 512 bytes to 15 for 32 KiB.</summary>
    /// <remarks>Defaults to 15. It holds for both directions, as far as the peer lets itself be limited. In dedicated
    /// mode, a smaller window takes less memory.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is not from 9 to 15.</exception>
    public int WindowBits { get; init => field = Within(9, 15, value); } = 15;

    internal bool IsOn => Mode != MessageCompression.Off;

    /// <summary>What a client offers; null for nothing.</summary>
    internal string? Offer => IsOn ? CompressionHandshake.Offer(KeepsContext, WindowBits) : null;

    private bool KeepsContext => Mode == MessageCompression.Dedicated;

    /// <summary>Accepts the first of a client's offers that can be kept to.</summary>
    /// <param name="offers">The values of <c>Sec-WebSocket-Extensions</c>, one for each of its lines.</param>
    /// <param name="answer">What to answer in the same header; null for nothing.</param>
    /// <returns>What both agree on; null when nothing.</returns>
    public CompressionAgreement? Accept(IEnumerable<string?> offers, out string? answer)
    {
        answer = null;
        return IsOn ? CompressionHandshake.Accept(offers, KeepsContext, WindowBits, out answer) : null;
    }

    /// <summary>Checks what a server answers to <see cref="Offer"/>; answers what is wrong, or null.</summary>
    internal string? FindFlaw(HandshakeResponse response, out CompressionAgreement? agreement)
    {
        agreement = null;
        IEnumerable<string> answers = response.Values(HandshakeResponse.ExtensionsHeader);
        return IsOn ? CompressionHandshake.FindFlaw(answers, KeepsContext, WindowBits, out agreement) : null;
    }

    private static int Within(int least, int most, int value, [CallerMemberName] string option = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, option);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most, option);
        return value;
    }
}
