namespace Tideway.WebSockets.Framing;

/// <summary>Says what a peer did wrong and with which code the connection is failed for it (RFC 6455 §7.1.7).</summary>
internal sealed record Violation(CloseCode Code, string Reason)
{
    public static Violation Protocol(string reason) => new(CloseCode.ProtocolError, reason);

    public static Violation Payload(string reason) => new(CloseCode.InvalidPayload, reason);

    public static Violation InvalidText() => Payload("a text message is not valid UTF-8");

    public static Violation Policy(string reason) => new(CloseCode.PolicyViolation, reason);

    public static Violation TooBig(int limitBytes) =>
        new(CloseCode.MessageTooBig, $"the message is larger than {limitBytes} bytes");
}
