using System.Buffers.Binary;
using System.Diagnostics;
using Tideway.WebSockets.Compression;

namespace Tideway.WebSockets.Framing;

/// <summary>Says what <see cref="MessageReader.Read"/> found.</summary>
internal enum ReadOutcome
{
    /// <summary>Nothing is complete: the rest of the input, at most a header or a control frame, waits for more
    /// bytes.</summary>
    NeedMore,

    /// <summary>A data frame is next, and the caller did not want one.</summary>
    DataWaiting,

    /// <summary>A text or binary message is complete.</summary>
    Message,

    /// <summary>A ping, pong or close frame is complete.</summary>
    Control,

    /// <summary>The peer broke the protocol: nothing more can be read.</summary>
    Violation,
}

/// <summary>Turns the bytes of one peer into messages and control frames; knows no sockets, tasks or clocks.</summary>
/// <remarks>
/// A message that lies whole in the input is unmasked there and not copied. One that comes in pieces or compressed is
/// put together in a <see cref="MessageAssembly"/>. A mutable value: keep it in a field.
/// </remarks>
internal struct MessageReader(WebSocketRole role, int maxPayload)
{
    /// <summary>How many fragments of a message may be empty, but its last: more have no purpose but to cost
    /// time.</summary>
    public const int MaxEmptyFragments = 256;

    private const int ShortHead = 6; // Two bytes and the masking key.
    private const byte FinText = 0x80 | (byte)Opcode.Text;
    private const byte FinBinary = 0x80 | (byte)Opcode.Binary;

    // The frame whose payload is being read in pieces.
    private long _frameRemaining;
    private uint _maskKey;
    private bool _frameFin;
    private bool _isCompressed;

    // The message whose frames are being read in pieces: Continuation means that there is none.
    private Opcode _messageOpcode;
    private MessageAssembly _assembly;
    private int _emptyFragments;

    /// <summary>The largest message taken, in bytes. A change counts from the next frame on.</summary>
    public int MaxPayload { get; set; } = maxPayload;

    /// <summary>What was found: the kind of the message or control frame.</summary>
    public Opcode Opcode { get; private set; }

    /// <summary>Where the payload of what was found begins, in the input or in <see cref="Assembly"/>.</summary>
    public int PayloadStart { get; private set; }

    /// <summary>The length of the payload of what was found, in bytes.</summary>
    public int PayloadLength { get; private set; }

    /// <summary>The buffer of a message that was assembled; null when it lies in the input.</summary>
    public byte[]? Assembly { get; private set; }

    /// <summary>What the peer did wrong.</summary>
    public Violation? Violation { get; private set; }

    /// <summary>How many payload bytes of the current frame have not come yet.</summary>
    public readonly long FrameRemaining => _frameRemaining;

    /// <summary>Tells whether a message has begun and not ended.</summary>
    public readonly bool IsInsideMessage => _messageOpcode != Opcode.Continuation;

    /// <summary>Reads up to the next thing to report.</summary>
    /// <param name="input">The bytes received and not consumed so far; payloads are unmasked in place.</param>
    /// <param name="dataWanted">False to read control frames only, and to stop before data.</param>
    /// <param name="consumed">How many bytes of the input are done with, what was found included.</param>
    /// <param name="inflater">What decompresses; null when the handshake did not agree on it.</param>
    public ReadOutcome Read(
        Span<byte> input, bool dataWanted, out int consumed, MessageInflater? inflater = null)
    {
        consumed = 0;
        if (dataWanted && IsShort(input, out int length)) return ReadShort(input, length, out consumed);
        while (true)
        {
            if (_frameRemaining > 0)
            {
                if (!dataWanted) return ReadOutcome.DataWaiting;
                if (consumed == input.Length) return ReadOutcome.NeedMore;
                int piece = (int)Math.Min(_frameRemaining, input.Length - consumed);
                if (Append(input.Slice(consumed, piece), inflater) is { } flaw) return Fail(flaw);
                consumed += piece;
                _frameRemaining -= piece;
                if (_frameRemaining > 0) return ReadOutcome.NeedMore;
                if (_frameFin) return FinishAssembly(inflater);
            }

            FrameStatus status = FrameHeader.TryParse(
                input[consumed..],
                role == WebSocketRole.Server,
                out FrameHeader header,
                out string? violation,
                mayCompress: inflater is not null);
            if (status == FrameStatus.NeedMore) return ReadOutcome.NeedMore;
            if (status == FrameStatus.Violation) return Fail(Violation.Protocol(violation!));

            int headerLength = header.Length;
            bool isWhole = input.Length - consumed - headerLength >= header.PayloadLength;
            if (header.IsControl)
            {
                if (!isWhole) return ReadOutcome.NeedMore;
                return Found(header, input, ref consumed, ReadOutcome.Control);
            }

            if (!dataWanted) return ReadOutcome.DataWaiting;
            if (CheckSequence(header) is { } wrong) return Fail(wrong);
            if (isWhole && header.Fin && _messageOpcode == Opcode.Continuation && !header.Compressed)
            {
                ReadOutcome found = Found(header, input, ref consumed, ReadOutcome.Message);
                if (Opcode == Opcode.Text && !IsText(input.Slice(PayloadStart, PayloadLength)))
                    return Fail(Violation.InvalidText());
                return found;
            }

            BeginFrame(header);
            consumed += headerLength;
            if (_frameRemaining == 0 && _frameFin) return FinishAssembly(inflater);
        }
    }

    /// <summary>Gives the buffer of an unfinished message back; nothing can be read afterwards.</summary>
    public void Dispose() => _assembly.Dispose();

    /// <summary>Tells whether next is what nearly all traffic is: a masked message of one frame and at most 125 bytes,
    /// whole.</summary>
    private readonly bool IsShort(ReadOnlySpan<byte> input, out int length)
    {
        length = 0;
        if (input.Length < ShortHead || _frameRemaining > 0 || _messageOpcode != Opcode.Continuation) return false;
        length = input[1] - 0x80; // With the mask bit, or it is negative.
        return input[0] is FinText or FinBinary
            && (uint)length <= FrameHeader.MaxControlPayload
            && length <= input.Length - ShortHead
            && length <= MaxPayload
            && role == WebSocketRole.Server;
    }

    private ReadOutcome ReadShort(Span<byte> input, int length, out int consumed)
    {
        Span<byte> payload = input.Slice(ShortHead, length);
        Masking.Apply(payload, BinaryPrimitives.ReadUInt32LittleEndian(input[2..]));
        Opcode = (Opcode)(input[0] & 0xF);
        (Assembly, PayloadStart, PayloadLength) = (null, ShortHead, length);
        consumed = ShortHead + length;
        return Opcode == Opcode.Binary || IsText(payload)
            ? ReadOutcome.Message
            : Fail(Violation.InvalidText());
    }

    private static bool IsText(ReadOnlySpan<byte> payload) => System.Text.Unicode.Utf8.IsValid(payload);

    private Violation? CheckSequence(in FrameHeader header)
    {
        // RFC 6455 §5.4: a message begins with its opcode and goes on with continuations until FIN.
        if (header.Opcode == Opcode.Continuation && _messageOpcode == Opcode.Continuation)
            return Violation.Protocol("a continuation frame continues nothing");
        if (header.Opcode != Opcode.Continuation && _messageOpcode != Opcode.Continuation)
            return Violation.Protocol("a message begins before the last one ended");

        // A compressed message is held to the limit as it is decompressed. Here, neither side can overflow: the length
        // has no sign bit, and neither limit nor assembly is negative.
        bool isCompressed = header.Opcode == Opcode.Continuation ? _isCompressed : header.Compressed;
        if (!isCompressed && header.PayloadLength > MaxPayload - _assembly.Length) return Violation.TooBig(MaxPayload);
        return header.PayloadLength == 0 && !header.Fin && ++_emptyFragments > MaxEmptyFragments
            ? Violation.Policy($"a message has more than {MaxEmptyFragments} empty fragments")
            : null;
    }

    private ReadOutcome Found(in FrameHeader header, Span<byte> input, ref int consumed, ReadOutcome outcome)
    {
        Opcode = header.Opcode;
        Assembly = null;
        PayloadStart = consumed + header.Length;
        PayloadLength = (int)header.PayloadLength;
        consumed = PayloadStart + PayloadLength;
        if (header.Masked) Masking.Apply(input.Slice(PayloadStart, PayloadLength), header.MaskKey);
        return outcome;
    }

    private void BeginFrame(in FrameHeader header)
    {
        if (header.Opcode != Opcode.Continuation)
            (_messageOpcode, _isCompressed) = (header.Opcode, header.Compressed);
        _frameRemaining = header.PayloadLength;
        _frameFin = header.Fin;
        _maskKey = header.MaskKey;
    }

    private Violation? Append(Span<byte> piece, MessageInflater? inflater)
    {
        if (role == WebSocketRole.Server) _maskKey = Masking.Apply(piece, _maskKey);
        bool isText = _messageOpcode == Opcode.Text;
        return _isCompressed
            ? _assembly.Inflate(piece, isText, inflater!, MaxPayload)
            : _assembly.Append(piece, isText, _frameRemaining);
    }

    private ReadOutcome FinishAssembly(MessageInflater? inflater)
    {
        Debug.Assert(_frameRemaining == 0);
        if (_assembly.Finish(_isCompressed ? inflater : null, out byte[] message, out int length) is { } flaw)
            return Fail(flaw);
        Opcode = _messageOpcode;
        (Assembly, PayloadStart, PayloadLength) = (message, 0, length);
        _messageOpcode = Opcode.Continuation;
        _emptyFragments = 0;
        return ReadOutcome.Message;
    }

    private ReadOutcome Fail(Violation violation)
    {
        Violation = violation;
        Dispose();
        return ReadOutcome.Violation;
    }
}
