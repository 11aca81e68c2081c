namespace Tideway.Conformance.Wire;

/// <summary>Says what was expected on the wire and what was there instead.</summary>
internal sealed class CaseFailedException(string message) : Exception(message);
