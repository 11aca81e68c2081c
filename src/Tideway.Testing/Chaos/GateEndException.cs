namespace Tideway.Testing.Chaos;

/// <summary>Ends a connection as a step of its gate says.</summary>
internal sealed class GateEndException(bool isReset) : Exception
{
    /// <summary>Whether both ends see a reset.</summary>
    public bool IsReset => isReset;
}
