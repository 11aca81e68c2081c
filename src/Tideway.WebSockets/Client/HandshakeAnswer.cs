using System.Buffers;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Client;

/// <summary>Collects the answer to an opening handshake: its head, what follows an acceptance, and the beginning of the
/// body of a refusal.</summary>
internal sealed class HandshakeAnswer : IDisposable
{
    /// <summary>How long the body of a refusal is waited for. It is only for the message of the error.</summary>
    public static readonly TimeSpan BodyPatience = TimeSpan.FromSeconds(1);

    private const int SwitchingProtocols = 101;

    // One buffer for all that is read: more than that is refused.
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(HandshakeResponse.MaxLength);
    private int _start;
    private int _end;
    private bool _bodyIsHere;
    private string _body = "";

    /// <summary>The final head, once it is complete.</summary>
    public HandshakeResponse? Head { get; private set; }

    /// <summary>What is wrong with the answer; null while nothing is.</summary>
    public string? Violation { get; private set; }

    /// <summary>Tells whether the head is still to come.</summary>
    public bool NeedsHead => Head is null && Violation is null;

    /// <summary>Tells whether the body of a refusal is still to come.</summary>
    public bool NeedsBody => Head is not null && !IsAccepted && !_bodyIsHere;

    /// <summary>Tells whether the server switches to the WebSocket protocol, rightly or wrongly.</summary>
    public bool IsAccepted => Head?.StatusCode == SwitchingProtocols;

    /// <summary>The beginning of the body of a refusal, on one line. May be empty.</summary>
    public string Body => _body;

    /// <summary>Where to receive to.</summary>
    public Memory<byte> Room => _buffer.AsMemory(_end, HandshakeResponse.MaxLength - _end);

    /// <summary>What was received behind the head.</summary>
    public ReadOnlySpan<byte> Rest => _buffer.AsSpan(_start + Head!.Length, _end - _start - Head.Length);

    /// <summary>Takes what was received into <see cref="Room"/>.</summary>
    /// <param name="length">How many bytes; 0 when no more will come.</param>
    public void Add(int length)
    {
        _end += length;
        while (NeedsHead && TryReadHead())
        {
        }

        if (NeedsHead && length == 0) Violation = "the server closed the connection before it answered";
        else if (NeedsHead && Room.IsEmpty) Violation = $"the head of the answer is longer than {_end} bytes";
        if (NeedsBody) _bodyIsHere = RefusalBody.TryRead(Head!, Rest, out _body) || length == 0 || Room.IsEmpty;
    }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private bool TryReadHead()
    {
        OperationStatus status = HandshakeResponse.TryParse(
            _buffer.AsSpan(_start, _end - _start), out HandshakeResponse? head, out string? violation);
        Violation = violation;
        if (status != OperationStatus.Done) return false;

        // RFC 9110 §15.2: any number of interim answers comes before the final one. They share its limit.
        if (head!.StatusCode is >= 100 and < 200 and not SwitchingProtocols) _start += head.Length;
        else Head = head;
        return true;
    }
}
