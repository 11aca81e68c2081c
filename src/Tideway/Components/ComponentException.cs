using System.Net.Sockets;
using Tideway.Configuration;

namespace Tideway.Components;

/// <summary>Reports the component because of which a start failed.</summary>
/// <param name="componentName">The name of the component.</param>
/// <param name="reason">What its constructor or its hook complained about.</param>
/// <param name="innerException">The exception that the component threw, if any.</param>
public sealed class ComponentException(string componentName, string reason, Exception? innerException = null)
    : Exception($"Cannot start component {componentName}: {reason}", innerException)
{
    /// <summary>The name of the component that failed first.</summary>
    public string ComponentName { get; } = componentName;

    /// <summary>What its constructor or its hook complained about.</summary>
    public string Reason { get; } = reason;

    /// <summary>Whether the reason lies outside of the program, as a file or an address does.</summary>
    /// <remarks>The message says all then; a stack trace would only hide it.</remarks>
    public bool IsEnvironmental { get; } =
        innerException is IOException or UnauthorizedAccessException or SocketException or ConfigException;
}
