namespace Tideway.Server;

/// <summary>The names of the headers that answers carry beside those of HTTP,
/// as the clients of such services know them.</summary>
internal static class ResponseHeaders
{
    /// <summary>The machine that answers.</summary>
    public const string Hostname = "X-YaTaxi-Server-Hostname";

    /// <summary>The machine that refuses with 429.</summary>
    public const string RatelimitedBy = "X-YaTaxi-Ratelimited-By";

    /// <summary>Which limit is behind a 429.</summary>
    public const string RatelimitReason = "X-YaTaxi-Ratelimit-Reason";
}
