namespace Tideway.WebSockets.Connections;

/// <summary>Says what a <see cref="Message"/> is.</summary>
public enum MessageKind
{
    /// <summary>Text: the data is valid UTF-8.</summary>
    Text = 1,

    /// <summary>Bytes that mean what the application makes of them.</summary>
    Binary = 2,

    /// <summary>The connection is closing, and <see cref="Message.CloseReason"/> says why. The last message there
    /// is.</summary>
    Close = 8,
}
