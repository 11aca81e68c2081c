namespace Tideway.Testing.Wire;

/// <summary>Says what the other end did on the wire that it must not do, or what was expected of it in vain.</summary>
/// <param name="message">What was there, and what was expected.</param>
/// <param name="innerException">What was caught; null for nothing.</param>
public sealed class WireException(string message, Exception? innerException = null)
    : Exception(message, innerException);
