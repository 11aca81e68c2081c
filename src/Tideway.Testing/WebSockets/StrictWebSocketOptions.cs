namespace Tideway.Testing.WebSockets;

/// <summary>Says how a <see cref="StrictWebSocket"/> is opened, and what it does by itself.</summary>
public sealed record StrictWebSocketOptions
{
    /// <summary>More headers of the handshake, such as <c>Origin</c>.</summary>
    /// <remarks>Defaults to none.</remarks>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The subprotocols to offer, the best first.</summary>
    /// <remarks>Defaults to none.</remarks>
    public IReadOnlyList<string> Subprotocols { get; init; } = [];

    /// <summary>Whether permessage-deflate is offered. What is sent is compressed then, if the service
    /// agrees.</summary>
    /// <remarks>Defaults to false.</remarks>
    public bool Compression { get; init; }

    /// <summary>Whether pings are answered. A client that does not is dead, as the service sees it.</summary>
    /// <remarks>Defaults to true.</remarks>
    public bool AnswersPings { get; init; } = true;

    /// <summary>Whether a close frame is answered.</summary>
    /// <remarks>Defaults to true.</remarks>
    public bool AnswersCloses { get; init; } = true;

    /// <summary>How long everything waits before it has failed.</summary>
    /// <remarks>Defaults to a minute: a machine may be busy, and a test that passes does not wait.</remarks>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);
}
