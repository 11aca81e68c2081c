namespace Tideway.Testing.WebSockets;

/// <summary>Says that the service answered a handshake with something else than 101.</summary>
/// <param name="path">The path that was asked for.</param>
/// <param name="status">The status.</param>
/// <param name="head">The head of the answer.</param>
/// <param name="body">The body of the answer.</param>
public sealed class HandshakeRefusedException(string path, int status, string head, string body)
    : Exception(
        $"The service refused the handshake on {path}: {head.Split("\r\n")[0]}{(body.Length > 0 ? $"\n{body}" : "")}")
{
    /// <summary>The status.</summary>
    public int Status => status;

    /// <summary>The head of the answer, as it came.</summary>
    public string Head => head;

    /// <summary>The body of the answer.</summary>
    public string Body => body;
}
