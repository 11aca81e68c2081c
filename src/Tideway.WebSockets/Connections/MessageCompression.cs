namespace Tideway.WebSockets.Connections;

/// <summary>Says whether the messages of a connection are compressed, and whose memory that takes.</summary>
public enum MessageCompression
{
    /// <summary>They are not.</summary>
    Off,

    /// <summary>Each message is compressed by itself, with what all connections of the process share: an idle
    /// connection costs no more memory.</summary>
    Shared,

    /// <summary>Messages refer to earlier ones of their connection: they become smaller, and each connection keeps up
    /// to 340 KiB.</summary>
    Dedicated,
}
