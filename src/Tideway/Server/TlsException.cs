namespace Tideway.Server;

/// <summary>Says which option of <c>tls</c> cannot be used, and why.</summary>
/// <param name="key">The key of the option.</param>
/// <param name="reason">A sentence without an end, for people.</param>
/// <param name="cause">What failed; null when it was our own check.</param>
internal sealed class TlsException(string key, string reason, Exception? cause = null)
    : IOException($"tls.{key}: {reason}", cause);
