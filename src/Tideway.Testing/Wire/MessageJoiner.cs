using System.Text.Unicode;

namespace Tideway.Testing.Wire;

/// <summary>Puts the fragments of the other end's messages together, and fails at what must not be (RFC 6455
/// §5.4).</summary>
internal sealed class MessageJoiner
{
    private readonly List<Frame> _fragments = [];

    /// <summary>Takes the next frame that is no control frame.</summary>
    /// <returns>The message that it ends; null when more fragments are to follow.</returns>
    public WireMessage? Add(Frame frame, Inflater? inflater)
    {
        if ((_fragments.Count > 0) != (frame.Opcode == Frame.ContinuationOpcode))
            throw new WireException($"Out of sequence: {frame}.");
        _fragments.Add(frame);
        if (!frame.Fin) return null;
        byte[] payload = _fragments.Count == 1 ? frame.Payload : [.. _fragments.SelectMany(part => part.Payload)];
        Frame first = _fragments[0];
        bool isCompressed = first.Reserved == 4;
        if (isCompressed) payload = inflater!.Inflate(payload);
        if (first.Opcode == Frame.TextOpcode && !Utf8.IsValid(payload))
            throw new WireException("A text message is not UTF-8.");
        int[] lengths = [.. _fragments.Select(part => part.Payload.Length)];
        _fragments.Clear();
        return new WireMessage(first.Opcode, payload, lengths, isCompressed);
    }
}
