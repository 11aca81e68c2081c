namespace Tideway.Conformance.Wire;

/// <summary>A message of the end under test, its fragments put together. Immutable.</summary>
/// <param name="Opcode">Text or binary.</param>
/// <param name="Payload">What it carries, inflated if it was compressed.</param>
/// <param name="Fragments">The payload lengths of its frames.</param>
/// <param name="IsCompressed">Whether RSV1 was set.</param>
internal sealed record Received(int Opcode, byte[] Payload, IReadOnlyList<int> Fragments, bool IsCompressed)
{
    public override string ToString() =>
        $"{(Opcode == Frame.TextCode ? "text" : "binary")} of {Payload.Length} bytes in {Fragments.Count} frames";
}
