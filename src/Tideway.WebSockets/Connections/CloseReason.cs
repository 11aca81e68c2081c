using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Connections;

/// <summary>Says who ended a connection.</summary>
public enum CloseOrigin
{
    /// <summary>The peer sent the first close frame.</summary>
    Peer,

    /// <summary>This end sent the first close frame: the application, the host at its stop, or the engine after a
    /// violation.</summary>
    Local,

    /// <summary>The connection was lost, or given up, without a close frame from the peer.</summary>
    Transport,
}

/// <summary>Says why a connection ended. Immutable.</summary>
/// <param name="Code">The code of the first close frame; 1005 when it had none, 1006 when there was no close
/// frame.</param>
/// <param name="Text">The reason that came with the code, or what the transport reported. May be empty.</param>
/// <param name="Origin">Who ended it.</param>
/// <param name="Cause">What ended it: a limit, a violation, or just an application.</param>
public sealed record CloseReason(
    CloseCode Code, string Text, CloseOrigin Origin, CloseCause Cause = CloseCause.Application)
{
    /// <summary>The reason of this end to fail a connection after a violation.</summary>
    internal static CloseReason Of(Violation violation)
    {
        CloseCause cause = violation.Code switch
        {
            CloseCode.MessageTooBig => CloseCause.MaxRemotePayload,
            CloseCode.PolicyViolation => CloseCause.Flood,
            _ => CloseCause.Protocol,
        };
        return new CloseReason(violation.Code, violation.Reason, CloseOrigin.Local, cause);
    }

    /// <summary>The reason of a connection whose transport was lost.</summary>
    internal static CloseReason Lost(string error) =>
        new(CloseCode.AbnormalClosure, error, CloseOrigin.Transport, CloseCause.Lost);

    /// <summary>Reads as <c>1001 (server stops), by the local end</c>.</summary>
    public override string ToString()
    {
        string text = Text.Length == 0 ? "" : $" ({Text})";
        string origin = Origin switch
        {
            CloseOrigin.Peer => "by the peer",
            CloseOrigin.Local => "by the local end",
            _ => "by the transport",
        };
        return $"{(int)Code}{text}, {origin}";
    }
}
