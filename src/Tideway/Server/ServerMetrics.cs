using System.Diagnostics.Metrics;
using System.Text.Json;
using Tideway.WebSockets.Engine;

namespace Tideway.Server;

/// <summary>All instruments of a server, on the meter <c>Tideway</c>. Values are pulled: nothing here is called by
/// what counts.
/// </summary>
internal sealed class ServerMetrics : IDisposable
{
    private readonly IReadOnlyList<WebSocketHandler> _handlers;
    private readonly TaskProcessors _processors;
    private readonly IReadOnlyList<Listener> _listeners;

    /// <summary>The metrics that services of userver have, under their names, for the dashboards and tests of
    /// such.</summary>
    private readonly Meter _asInUserver;

    public ServerMetrics(
        IEnumerable<Handler> handlers,
        TaskProcessors processors,
        IReadOnlyList<Listener> listeners,
        IMeterFactory meters)
    {
        Meter = new Meter(new MeterOptions("Tideway") { Scope = meters });
        _listeners = listeners;
        _handlers = [.. handlers.OfType<WebSocketHandler>()];
        _processors = processors;

        Gauge("tideway.websocket.connections.open", "{connection}", "Connections open now", c => c.Open);
        Counter("tideway.websocket.connections.opened", "{connection}", "Connections opened", c => c.Opened);
        Counter("tideway.websocket.messages.received", "{message}", "Messages received", c => c.MessagesReceived);
        Counter("tideway.websocket.messages.sent", "{message}", "Messages accepted for sending", c => c.MessagesSent);
        Counter(
            "tideway.websocket.messages.dropped",
            "{message}",
            "Messages dropped because peers read too slowly",
            c => c.MessagesDropped);
        Counter(
            "tideway.websocket.peers.throttled",
            "{time}",
            "Seconds in which a peer had to wait with more messages than `max-messages-per-second`",
            c => c.TimesThrottled);
        Meter.CreateObservableCounter(
            "tideway.websocket.connections.refused",
            () => _handlers.Select(handler => Of(handler, handler.Tally.Refused)),
            "{connection}",
            "Connections refused beyond `max-connections`");
        Counter("tideway.websocket.bytes.received", "By", "Payload bytes received", c => c.BytesReceived);
        Counter("tideway.websocket.bytes.sent", "By", "Payload bytes accepted for sending", c => c.BytesSent);
        Counter("tideway.websocket.deflate.bytes.in", "By", "Payload bytes compressed", c => c.DeflateBytesIn);
        Counter("tideway.websocket.deflate.bytes.out", "By", "Bytes that they became", c => c.DeflateBytesOut);
        Counter("tideway.websocket.inflate.bytes.in", "By", "Compressed bytes received", c => c.InflateBytesIn);
        Counter("tideway.websocket.inflate.bytes.out", "By", "Payload bytes that they became", c => c.InflateBytesOut);
        Meter.CreateObservableCounter(
            "tideway.websocket.connections.ended",
            () => _handlers.SelectMany(Ended),
            "{connection}",
            "Connections ended, by `origin` (`peer`, `local`, `transport`) and `cause` (`application`, `protocol`, "
            + "`lost`, or the limit that ended it)");
        Meter.CreateObservableCounter(
            "tideway.websocket.handlers.failed",
            () => _handlers.Select(handler => Of(handler, handler.Tally.Failed)),
            "{handler}",
            "Handlers that ended with an exception");

        LoopGauge("tideway.loop.sockets.open", "{socket}", "Sockets on the loop now", c => c.Open);
        Loop("tideway.loop.wake_ups", "{wake_up}", "Times the loop woke up", c => c.WakeUps);
        Loop("tideway.loop.events", "{event}", "Events of sockets handled", c => c.Events);
        Loop("tideway.loop.work", "{item}", "Pieces of posted work run", c => c.Work);
        Loop("tideway.loop.bytes.received", "By", "Bytes received, HTTP included", c => c.BytesReceived);
        Loop("tideway.loop.bytes.sent", "By", "Bytes sent, HTTP included", c => c.BytesSent);
        Loop("tideway.loop.sockets.full", "{time}", "Times a socket took less than was to be sent", c => c.FullSockets);
        Loop(
            "tideway.loop.connections.refused", "{connection}", "Connections closed beyond the limit", c => c.Refused);
        Loop(
            "tideway.loop.sockets.silent",
            "{socket}",
            "Sockets closed because nothing came within the handshake time-out",
            c => c.Silent);
        Loop(
            "tideway.loop.accepts.paused",
            "{time}",
            "Pauses of accepting for want of descriptors",
            c => c.AcceptPauses);

        Meter.CreateObservableCounter(
            "tideway.listener.connections.refused",
            () => _listeners.Select(listener => Of(listener, listener.Refusals)),
            "{connection}",
            "Connections closed beyond the limit, on Kestrel's transport");
        Meter.CreateObservableCounter(
            "tideway.listener.connections.silent",
            () => _listeners.Select(listener => Of(listener, listener.Silences)),
            "{connection}",
            "Connections cut because nothing came within the handshake time-out, behind TLS or on Kestrel's transport");
        Meter.CreateObservableGauge(
            "tideway.tls.certificate.expires_in",
            () => Tls(tls => tls.ExpiresIn.TotalSeconds),
            "s",
            "How long the certificate is still valid; negative when it has expired");
        Meter.CreateObservableCounter(
            "tideway.tls.reloads", () => Tls(tls => tls.Reloads), "{reload}", "Times new files were taken into use");
        Meter.CreateObservableCounter(
            "tideway.tls.reloads.failed",
            () => Tls(tls => tls.FailedReloads),
            "{reload}",
            "Times new files could not be used, and the old ones stayed in use");

        _asInUserver = new Meter(new MeterOptions("Tideway.Userver") { Scope = meters });
        foreach (WebSocketHandler handler in _handlers)
        {
            AsInUserver(handler, "msg.recv", "{message}", counts => counts.MessagesReceived);
            AsInUserver(handler, "msg.sent", "{message}", counts => counts.MessagesSent);
            AsInUserver(handler, "bytes.recv", "By", counts => counts.BytesReceived);
            AsInUserver(handler, "bytes.sent", "By", counts => counts.BytesSent);
        }
    }

    public Meter Meter { get; }

    public void Dispose()
    {
        Meter.Dispose();
        _asInUserver.Dispose();
    }

    private static Measurement<long> Of(WebSocketHandler handler, long value) =>
        new(value, new KeyValuePair<string, object?>("handler", handler.HandlerName));

    private static IEnumerable<Measurement<long>> Ended(WebSocketHandler handler) =>
        from ended in handler.Tally.Ended
        select new Measurement<long>(
            ended.Value,
            new KeyValuePair<string, object?>("handler", handler.HandlerName),
            new KeyValuePair<string, object?>("origin", NameOf(ended.Key.Origin)),
            new KeyValuePair<string, object?>("cause", NameOf(ended.Key.Cause)));

    /// <summary>Names a cause as the config names its limit: <c>ping-timeout</c>.</summary>
    private static string NameOf(Enum value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static Measurement<T> Of<T>(Listener listener, T value)
        where T : struct => new(value, new KeyValuePair<string, object?>("listener", listener.Name));

    private IEnumerable<Measurement<T>> Tls<T>(Func<TlsReloader, T> value)
        where T : struct =>
        from listener in _listeners where listener.Tls is not null select Of(listener, value(listener.Tls!));

    private void AsInUserver(WebSocketHandler handler, string name, string unit, Func<ConnectionCounts, long> value) =>
        _asInUserver.CreateObservableCounter(
            $"ws.{handler.HandlerName}.{name}", () => value(handler.Tally.Count()), unit);

    private void Counter(string name, string unit, string description, Func<ConnectionCounts, long> value) =>
        Meter.CreateObservableCounter(name, () => Count(value), unit, description);

    private void Gauge(string name, string unit, string description, Func<ConnectionCounts, long> value) =>
        Meter.CreateObservableUpDownCounter(name, () => Count(value), unit, description);

    private void Loop(string name, string unit, string description, Func<LoopCounters, long> value) =>
        Meter.CreateObservableCounter(name, () => Count(value), unit, description);

    private void LoopGauge(string name, string unit, string description, Func<LoopCounters, long> value) =>
        Meter.CreateObservableUpDownCounter(name, () => Count(value), unit, description);

    private IEnumerable<Measurement<long>> Count(Func<ConnectionCounts, long> value) =>
        _handlers.Select(handler => Of(handler, value(handler.Tally.Count())));

    private IEnumerable<Measurement<long>> Count(Func<LoopCounters, long> value) =>
        from loop in _processors.Started.SelectMany(loops => loops.Loops)
        select new Measurement<long>(
            value(loop.Counters),
            new KeyValuePair<string, object?>("task_processor", loop.Group.Name),
            new KeyValuePair<string, object?>("loop", loop.Index));
}
