namespace Tideway.Server;

/// <summary>Refuses what a functional test asks for: the request is wrong, not the service.</summary>
/// <param name="status">The status of the answer.</param>
/// <param name="message">What is wrong.</param>
internal sealed class ControlException(int status, string message) : Exception(message)
{
    /// <summary>The status of the answer.</summary>
    public int Status => status;
}
