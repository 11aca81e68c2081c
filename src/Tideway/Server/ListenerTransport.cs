namespace Tideway.Server;

/// <summary>Says what carries the connections of a listener.</summary>
public enum ListenerTransport
{
    /// <summary>Event loops where the system has them and there is no TLS, else Kestrel's own transport.</summary>
    Auto,

    /// <summary>Event loops; elsewhere than on 64-bit Linux the service does not start.</summary>
    EventLoop,

    /// <summary>Kestrel's own transport, on the thread pool.</summary>
    Kestrel,
}
