namespace Tideway.WebSockets.Connections;

/// <summary>What is remembered of a peer that sends control frames, takes its time with a message, or is held to a
/// rate: made when there is something to remember, so that most connections have none. Times in milliseconds.</summary>
internal sealed class PeerWatch
{
    private const long None = -1;

    /// <summary>A second, in which so much may come.</summary>
    private const long Second = 1000;

    private long _controlSecond;
    private int _controlFrames;
    private long _messageSecond;
    private long _messagesBefore;
    private long _throttledSecond = None;
    private long _message = None;
    private long _unfinishedSince;

    /// <summary>In how many seconds a message had to wait.</summary>
    public long TimesThrottled { get; private set; }

    /// <summary>Counts a control frame; false when it is more than so many in about a second.</summary>
    public bool TakeControlFrame(int limit, long now)
    {
        if (now - _controlSecond >= Second) (_controlSecond, _controlFrames) = (now, 0);
        return ++_controlFrames <= limit || limit == 0;
    }

    /// <summary>How long the next message has to wait, when only so many are taken in about a second.</summary>
    /// <param name="limit">How many.</param>
    /// <param name="messages">How many were received so far.</param>
    /// <param name="now">The time.</param>
    public long WaitForMessage(int limit, long messages, long now)
    {
        if (now - _messageSecond >= Second) (_messageSecond, _messagesBefore) = (now, messages);
        if (messages - _messagesBefore < limit) return 0;
        if (_throttledSecond != _messageSecond) TimesThrottled++;
        _throttledSecond = _messageSecond;
        return _messageSecond + Second - now;
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
