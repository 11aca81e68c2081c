using System.Text;

namespace Tideway.Testing.Wire;

/// <summary>A message of the other end, its fragments put together. Immutable.</summary>
/// <param name="Opcode">Text or binary.</param>
/// <param name="Payload">What it carries, inflated if it was compressed.</param>
/// <param name="Fragments">The payload lengths of its frames, as they were on the wire.</param>
/// <param name="IsCompressed">Whether RSV1 was set.</param>
public sealed record WireMessage(int Opcode, byte[] Payload, IReadOnlyList<int> Fragments, bool IsCompressed)
{
    /// <summary>Whether it is text.</summary>
    public bool IsText => Opcode == Frame.TextOpcode;

    /// <summary>The payload as text.</summary>
    public string Text => Encoding.UTF8.GetString(Payload);

    /// <summary>Names the message as failures do.</summary>
    public override string ToString() =>
        $"{(IsText ? "text" : "binary")} of {Payload.Length} bytes in {Fragments.Count} frames";
}
