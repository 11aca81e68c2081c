namespace Tideway.WebSockets.Connections;

/// <summary>What is remembered of a peer that sends control frames or takes its time with a message: made at the first
/// of them, so that most connections have none. Times in milliseconds.</summary>
internal sealed class PeerWatch
{
    private const long None = -1;

    private long _second;
    private int _controlFrames;
    private long _message = None;
    private long _unfinishedSince;

    /// <summary>Counts a control frame; false when it is more than so many in about a second.</summary>
    public bool TakeControlFrame(int limit, long now)
    {
        if (now - _second >= 1000) (_second, _controlFrames) = (now, 0);
        return ++_controlFrames <= limit || limit == 0;
    }

    /// <summary>Since when the message with this number is known to be unfinished: since the first such look.</summary>
    public long UnfinishedSince(long message, long now)
    {
        if (message != _message) (_message, _unfinishedSince) = (message, now);
        return _unfinishedSince;
    }

    /// <summary>The peer could not go on for a while: its time begins anew.</summary>
    public void Excuse() => _message = None;
}
