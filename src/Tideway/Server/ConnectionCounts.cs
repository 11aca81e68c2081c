namespace Tideway.Server;

/// <summary>What connections have counted. Immutable.</summary>
/// <param name="Open">Connections open now.</param>
/// <param name="Opened">Connections there have been.</param>
/// <param name="MessagesReceived">Messages received.</param>
/// <param name="BytesReceived">Their payload bytes.</param>
/// <param name="MessagesSent">Messages accepted for sending.</param>
/// <param name="BytesSent">Their payload bytes.</param>
/// <param name="MessagesDropped">Messages dropped because peers read too slowly.</param>
internal readonly record struct ConnectionCounts(
    long Open,
    long Opened,
    long MessagesReceived,
    long BytesReceived,
    long MessagesSent,
    long BytesSent,
    long MessagesDropped)
{
    public static ConnectionCounts operator +(ConnectionCounts a, ConnectionCounts b) => new(
        a.Open + b.Open,
        a.Opened + b.Opened,
        a.MessagesReceived + b.MessagesReceived,
        a.BytesReceived + b.BytesReceived,
        a.MessagesSent + b.MessagesSent,
        a.BytesSent + b.BytesSent,
        a.MessagesDropped + b.MessagesDropped);
}
