namespace Tideway.Server;

/// <summary>What connections have counted. Immutable.</summary>
/// <param name="Open">Connections open now.</param>
/// <param name="Opened">Connections there have been.</param>
/// <param name="MessagesReceived">Messages received.</param>
/// <param name="BytesReceived">Their payload bytes.</param>
/// <param name="MessagesSent">Messages accepted for sending.</param>
/// <param name="BytesSent">Their payload bytes.</param>
/// <param name="MessagesDropped">Messages dropped because peers read too slowly.</param>
/// <param name="TimesThrottled">Seconds in which a peer had to wait with more messages than are allowed.</param>
/// <param name="DeflateBytesIn">Payload bytes of messages sent compressed, before that.</param>
/// <param name="DeflateBytesOut">What they were on the wire.</param>
/// <param name="InflateBytesIn">Payload bytes of compressed messages received, on the wire.</param>
/// <param name="InflateBytesOut">What they became.</param>
internal readonly record struct ConnectionCounts(
    long Open,
    long Opened,
    long MessagesReceived,
    long BytesReceived,
    long MessagesSent,
    long BytesSent,
    long MessagesDropped,
    long TimesThrottled,
    long DeflateBytesIn,
    long DeflateBytesOut,
    long InflateBytesIn,
    long InflateBytesOut)
{
    public static ConnectionCounts operator +(ConnectionCounts a, ConnectionCounts b) => new(
        a.Open + b.Open,
        a.Opened + b.Opened,
        a.MessagesReceived + b.MessagesReceived,
        a.BytesReceived + b.BytesReceived,
        a.MessagesSent + b.MessagesSent,
        a.BytesSent + b.BytesSent,
        a.MessagesDropped + b.MessagesDropped,
        a.TimesThrottled + b.TimesThrottled,
        a.DeflateBytesIn + b.DeflateBytesIn,
        a.DeflateBytesOut + b.DeflateBytesOut,
        a.InflateBytesIn + b.InflateBytesIn,
        a.InflateBytesOut + b.InflateBytesOut);
}
