using System.Globalization;

namespace Tideway.WebSockets.Handshake;

/// <summary>The parameters of permessage-deflate, as an offer or an answer has them (RFC 7692 §7.1).
/// Immutable.</summary>
/// <param name="ServerNoContext">Whether <c>server_no_context_takeover</c> is there.</param>
/// <param name="ClientNoContext">Whether <c>client_no_context_takeover</c> is there.</param>
/// <param name="ServerWindowBits">The value of <c>server_max_window_bits</c>; null when it is not there.</param>
/// <param name="ClientWindowBits">The value of <c>client_max_window_bits</c>; <see cref="NoValue"/> without one, null
/// when it is not there.</param>
internal readonly record struct DeflateParameters(
    bool ServerNoContext, bool ClientNoContext, int? ServerWindowBits, int? ClientWindowBits)
{
    public const string Extension = "permessage-deflate";
    public const int LargestWindowBits = 15;
    public const int NoValue = 0;

    private const int SmallestWindowBits = 8;
    private const string ServerNoContextName = "server_no_context_takeover";
    private const string ClientNoContextName = "client_no_context_takeover";
    private const string ServerWindowName = "server_max_window_bits";
    private const string ClientWindowName = "client_max_window_bits";

    /// <summary>Reads the parameters; false when one is unknown, comes twice, or has a value that it cannot
    /// have.</summary>
    public static bool TryRead(Extension extension, out DeflateParameters parameters)
    {
        parameters = default;
        foreach ((string name, string? value) in extension.Parameters)
        {
            switch (name.ToLowerInvariant())
            {
                case ServerNoContextName when value is null && !parameters.ServerNoContext:
                    parameters = parameters with { ServerNoContext = true };
                    break;
                case ClientNoContextName when value is null && !parameters.ClientNoContext:
                    parameters = parameters with { ClientNoContext = true };
                    break;
                case ServerWindowName when parameters.ServerWindowBits is null && TryReadBits(value, out int bits):
                    parameters = parameters with { ServerWindowBits = bits };
                    break;
                case ClientWindowName when parameters.ClientWindowBits is null && value is null:
                    parameters = parameters with { ClientWindowBits = NoValue };
                    break;
                case ClientWindowName when parameters.ClientWindowBits is null && TryReadBits(value, out int bits):
                    parameters = parameters with { ClientWindowBits = bits };
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    /// <summary>Writes the extension with these parameters.</summary>
    public override string ToString()
    {
        string text = Extension;
        if (ServerNoContext) text += "; " + ServerNoContextName;
        if (ClientNoContext) text += "; " + ClientNoContextName;
        if (ServerWindowBits is { } server) text += $"; {ServerWindowName}={server}";
        if (ClientWindowBits is NoValue) text += "; " + ClientWindowName;
        else if (ClientWindowBits is { } client) text += $"; {ClientWindowName}={client}";
        return text;
    }

    /// <summary>Reads 8 to 15, without leading zeros (RFC 7692 §7.1.2.1).</summary>
    private static bool TryReadBits(string? value, out int bits) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out bits)
        && bits is >= SmallestWindowBits and <= LargestWindowBits
        && value![0] != '0';
}
