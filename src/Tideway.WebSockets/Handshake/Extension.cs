namespace Tideway.WebSockets.Handshake;

/// <summary>One element of <c>Sec-WebSocket-Extensions</c>: an extension with its parameters. Immutable.</summary>
/// <param name="Name">The name of the extension.</param>
/// <param name="Parameters">Its parameters in order; null where one has no value.</param>
internal sealed record Extension(string Name, IReadOnlyList<KeyValuePair<string, string?>> Parameters)
{
    /// <summary>Tells whether the extension is called so. Names have no case (RFC 6455 §9.1).</summary>
    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
