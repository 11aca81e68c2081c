namespace Tideway.WebSockets.Handshake;

/// <summary>Agrees on compression, for either end: permessage-deflate (RFC 7692 §7.1). Pure functions.</summary>
public static class CompressionHandshake
{
    private const int LargestWindowBits = DeflateParameters.LargestWindowBits;

    // zlib has no raw stream with so small a window. To keep to it, we would have to send nothing compressed.
    private const int ImpossibleWindowBits = 8;

    /// <summary>Accepts the first of a client's offers that a server can keep to; null when there is none.</summary>
    /// <param name="offers">The values of <c>Sec-WebSocket-Extensions</c>, one for each of its lines.</param>
    /// <param name="keepsContext">Whether messages may refer to earlier ones.</param>
    /// <param name="windowBits">How far back they may refer, as a power of two: 9 to 15.</param>
    /// <param name="answer">What to answer in the same header; null for nothing.</param>
    public static CompressionAgreement? Accept(
        IEnumerable<string?> offers, bool keepsContext, int windowBits, out string? answer)
    {
        ArgumentNullException.ThrowIfNull(offers);
        answer = null;
        if (!ExtensionList.TryParse(offers, out List<Extension> extensions)) return null;
        foreach (Extension extension in extensions)
        {
            if (!extension.Is(DeflateParameters.Extension)) continue;
            if (!DeflateParameters.TryRead(extension, out DeflateParameters offer)) continue;
            if (offer.ServerWindowBits == ImpossibleWindowBits) continue;
            DeflateParameters chosen = Choose(offer, keepsContext, windowBits);
            answer = chosen.ToString();
            return Agree(chosen);
        }

        return null;
    }

    /// <summary>Writes the offer of a client.</summary>
    /// <param name="keepsContext">Whether messages may refer to earlier ones.</param>
    /// <param name="windowBits">How far back they may refer, as a power of two: 9 to 15.</param>
    public static string Offer(bool keepsContext, int windowBits) => MakeOffer(keepsContext, windowBits).ToString();

    /// <summary>Checks the answer to <see cref="Offer"/>; answers what is wrong, or null.</summary>
    /// <param name="answers">The values of <c>Sec-WebSocket-Extensions</c>, one for each of its lines.</param>
    /// <param name="keepsContext">What was offered.</param>
    /// <param name="windowBits">What was offered.</param>
    /// <param name="agreement">What both agree on; null when the server declines.</param>
    public static string? FindFlaw(
        IEnumerable<string?> answers, bool keepsContext, int windowBits, out CompressionAgreement? agreement)
    {
        ArgumentNullException.ThrowIfNull(answers);
        agreement = null;
        if (!ExtensionList.TryParse(answers, out List<Extension> extensions))
            return "the header Sec-WebSocket-Extensions of the answer is malformed";
        if (extensions.Count == 0) return null;
        if (extensions.Count > 1 || !extensions[0].Is(DeflateParameters.Extension))
            return "the server uses an extension that was not offered";

        // In an answer, a window has its size (RFC 7692 §7.1.2.2).
        if (!DeflateParameters.TryRead(extensions[0], out DeflateParameters answer)
            || answer.ClientWindowBits == DeflateParameters.NoValue)
        {
            return "the server answers permessage-deflate with parameters that it cannot have";
        }

        DeflateParameters offer = MakeOffer(keepsContext, windowBits);
        if ((offer.ServerNoContext && !answer.ServerNoContext)
            || (offer.ServerWindowBits ?? LargestWindowBits) < (answer.ServerWindowBits ?? LargestWindowBits)
            || answer.ClientWindowBits > windowBits)
        {
            return "the server accepts permessage-deflate without keeping to what was offered";
        }

        agreement = Agree(answer) with
        {
            ClientKeepsContext = keepsContext && !answer.ClientNoContext,
            ClientWindowBits = Math.Min(windowBits, answer.ClientWindowBits ?? LargestWindowBits),
        };
        return null;
    }

    private static DeflateParameters MakeOffer(bool keepsContext, int windowBits)
    {
        bool isLimited = windowBits < LargestWindowBits;
        return new DeflateParameters(
            ServerNoContext: !keepsContext,
            ClientNoContext: !keepsContext,
            ServerWindowBits: isLimited ? windowBits : null,
            ClientWindowBits: isLimited ? windowBits : DeflateParameters.NoValue);
    }

    /// <summary>Answers an offer: each limit that was asked for is kept, and ours are set where the client takes
    /// them.</summary>
    private static DeflateParameters Choose(in DeflateParameters offer, bool keepsContext, int windowBits)
    {
        int server = Math.Min(windowBits, offer.ServerWindowBits ?? LargestWindowBits);
        int client = offer.ClientWindowBits is null or DeflateParameters.NoValue
            ? windowBits
            : Math.Min(windowBits, offer.ClientWindowBits.Value);

        // RFC 7692 §7.1.2: what was asked of the server is confirmed; the client is only limited if it offered that.
        return new DeflateParameters(
            ServerNoContext: offer.ServerNoContext || !keepsContext,
            ClientNoContext: offer.ClientNoContext || !keepsContext,
            ServerWindowBits: offer.ServerWindowBits is null && server == LargestWindowBits ? null : server,
            ClientWindowBits: offer.ClientWindowBits is null || client == LargestWindowBits ? null : client);
    }

    private static CompressionAgreement Agree(in DeflateParameters answer) => new(
        !answer.ServerNoContext,
        !answer.ClientNoContext,
        answer.ServerWindowBits ?? LargestWindowBits,
        answer.ClientWindowBits ?? LargestWindowBits);
}
