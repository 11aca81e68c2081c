using System.Diagnostics.Metrics;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Tideway.Components;
using Tideway.Observability;
using Tideway.Server;
using Tideway.WebSockets.Connections;

namespace Tideway.Tests.Testsuite;

/// <summary>The handler <c>handler-server-monitor</c> as monitoring systems and tests see it.</summary>
public sealed class ServerMonitorTests
{
    [Fact]
    public async Task A_message_is_exactly_one_more_at_once_and_under_the_name_of_userver_too()
    {
        await using TestService service = await StartAsync();
        using ClientWebSocket client = await service.ConnectAsync("/echo");
        for (int i = 1; i <= 3; i++)
        {
            await client.SendAsync(new byte[5], WebSocketMessageType.Binary, true, TestService.Patience);
            await client.ReceiveAsync(new byte[10], TestService.Patience);
            Assert.Equal(i, (int)(await service.MetricAsync("tideway.websocket.messages.received"))!);
            Assert.Equal(i, (int)(await service.MetricAsync("ws.echo.msg.sent"))!);
            Assert.Equal(5 * i, (int)(await service.MetricAsync("ws.echo.bytes.recv"))!);
        }
    }

    [Fact]
    public async Task Services_of_one_process_have_each_its_own_metrics()
    {
        await using TestService one = await StartAsync();
        await using TestService other = await StartAsync();
        one.System.Find<Counts>().Visits.Add(3);
        other.System.Find<Counts>().Visits.Add(4);
        using ClientWebSocket client = await one.ConnectAsync("/echo");
        await client.SendAsync(new byte[5], WebSocketMessageType.Binary, true, TestService.Patience);
        await client.ReceiveAsync(new byte[10], TestService.Patience);
        Assert.Equal(3, (int)(await one.MetricAsync("visits"))!);
        Assert.Equal(4, (int)(await other.MetricAsync("visits"))!);
        Assert.Equal(1, (int)(await one.MetricAsync("tideway.websocket.messages.received"))!);
        Assert.Equal(0, (int)(await other.MetricAsync("tideway.websocket.messages.received"))!);
        Assert.Equal(0, (int)(await other.MetricAsync("tideway.websocket.connections.opened"))!);
    }

    [Fact]
    public async Task Meters_that_belong_to_no_service_are_told_unless_they_are_the_platforms()
    {
        await using TestService service = await StartAsync();
        using var meter = new Meter("Chat.Static");
        using var platform = new Meter("System.Invented");
        meter.CreateCounter<int>("static.visits").Add(2);
        platform.CreateCounter<int>("platform.visits").Add(2);
        Assert.Equal(2, (int)(await service.MetricAsync("static.visits"))!);
        Assert.Null(await service.MetricAsync("platform.visits"));

        await using TestService curious =
            await StartAsync("    statistics-storage: { platform-meters: [System.Inv*] }");
        platform.CreateCounter<int>("platform.visits").Add(3);
        Assert.Equal(3, (int)(await curious.MetricAsync("platform.visits"))!);
    }

    [Fact]
    public async Task What_the_web_server_of_one_service_measures_is_not_told_by_another()
    {
        const string Platform = """
                handler-ping: { path: /ping }
                statistics-storage: { platform-meters: [Microsoft.AspNetCore.Hosting] }
            """;
        await using TestService one = await StartAsync(Platform);
        await using TestService other = await StartAsync(Platform);
        for (int i = 0; i < 3; i++) await one.Http.GetStringAsync(new Uri(one.Url, "/ping"), TestService.Patience);
        const string Ping = """{"http.route": "/ping"}""";
        while (true)
        {
            // A request is measured when it is over, which its client may see before.
            JsonNode? times = await one.MetricAsync("http.server.request.duration", Ping);
            long count = times is null ? 0 : times["buckets"]!.AsArray().Sum(n => (long)n!) + (long)times["inf"]!;
            Assert.InRange(count, 0, 3);
            if (count == 3) break;
        }

        Assert.Null(await other.MetricAsync("http.server.request.duration", Ping));
    }

    [Fact]
    public async Task All_kinds_of_instruments_are_told_as_json()
    {
        await using TestService service = await StartAsync();
        Counts counts = service.System.Find<Counts>();
        counts.Visits.Add(3, new("room", "b"), new("kind", 7));
        counts.Visits.Add(1, new("kind", 7), new("room", "b"));
        counts.Visits.Add(2, new KeyValuePair<string, object?>("room", true));
        counts.Present.Add(5);
        counts.Present.Add(-2);
        counts.Heat.Record(20.5);
        counts.Heat.Record(21.25);
        foreach (double time in new[] { 0.5, 1, 1.5, 99 }) counts.Times.Record(time);
        Assert.Equal(
            """
            {
            "heat":[{"value":21.25,"labels":{},"type":"GAUGE"}],
            "present":[{"value":3,"labels":{},"type":"GAUGE"}],
            "times":[{"value":{"bounds":[1,2],"buckets":[2,1],"inf":1},"labels":{},"type":"HIST_RATE"}],
            "visits":[{"value":4,"labels":{"kind":"7","room":"b"},"type":"RATE"},
            {"value":2,"labels":{"room":"true"},"type":"RATE"}],
            "watched":[{"value":42,"labels":{},"type":"GAUGE"}]
            }
            """.ReplaceLineEndings(""),
            await GetAsync(service, "?format=json", "heat", "present", "times", "visits", "watched"));
    }

    [Theory]
    [InlineData("prometheus", """
        # TYPE chat_times histogram
        chat_times_bucket{le="1",room="a"} 1
        chat_times_bucket{le="2",room="a"} 1
        chat_times_bucket{le="+Inf",room="a"} 2
        chat_times_count{room="a"} 2
        # TYPE chat_visits counter
        chat_visits{} 1
        chat_visits{_room="o'k"} 3
        # TYPE _7th gauge
        _7th{} 1.5

        """)]
    [InlineData("prometheus-untyped", """
        # TYPE chat_times histogram
        chat_times_bucket{le="1",room="a"} 1
        chat_times_bucket{le="2",room="a"} 1
        chat_times_bucket{le="+Inf",room="a"} 2
        chat_times_count{room="a"} 2
        # TYPE chat_visits counter
        chat_visits{} 1
        chat_visits{_room="o'k"} 3
        _7th{} 1.5

        """)]
    [InlineData("pretty", """
        chat.times: room=a	HIST_RATE	[1]=1,[2]=0,[inf]=1
        chat.visits:	RATE	1
        chat.visits: .room=o"k	RATE	3
        7th:	GAUGE	1.5

        """)]
    [InlineData("graphite", """
        chat.times;room=a;le=1 1 1769860800
        chat.times;room=a;le=2 0 1769860800
        chat.times;room=a;le=inf 1 1769860800
        chat.visits 1 1769860800
        chat.visits;.room=o_k 3 1769860800
        7th 1.5 1769860800

        """)]
    [InlineData("json", """
        {"chat.times":[{"value":{"bounds":[1,2],"buckets":[1,0],"inf":1},"labels":{"room":"a"},"type":"HIST_RATE"}],
        "chat.visits":[{"value":1,"labels":{},"type":"RATE"},
        {"value":3,"labels":{".room":"o\u0022k"},"type":"RATE"}],
        "7th":[{"value":1.5,"labels":{},"type":"GAUGE"}]}
        """)]
    [InlineData("solomon", """
        {"commonLabels":{},"metrics":[
        {"labels":{"sensor":"chat.times","room":"a"},
        "hist":{"bounds":[1,2],"buckets":[1,0],"inf":1},"type":"HIST_RATE"},
        {"labels":{"sensor":"chat.visits"},"value":1,"type":"RATE"},
        {"labels":{"sensor":"chat.visits",".room":"o\u0022k"},"value":3,"type":"RATE"},
        {"labels":{"sensor":"7th"},"value":1.5}]}
        """)]
    public void Each_format_is_written_as_userver_writes_it(string format, string expected)
    {
        var kind = Enum.Parse<MetricFormat>(format.Replace("-", ""), ignoreCase: true);
        if (format is "json" or "solomon") expected = expected.ReplaceLineEndings("");
        Assert.Equal(expected, WrittenSamples.As(kind, []));
    }

    [Theory]
    [InlineData("prometheus", 2)]
    [InlineData("prometheus-untyped", 2)]
    [InlineData("graphite", 1)]
    [InlineData("pretty", 1)]
    [InlineData("json", 0)]
    [InlineData("solomon", 0)]
    public void A_label_may_have_any_value_and_no_line_of_its_own(string format, int lines)
    {
        var kind = Enum.Parse<MetricFormat>(format.Replace("-", ""), ignoreCase: true);
        string cut = new string('x', 199) + "\ud83d\ude00";
        foreach (string value in new[] { "a\nb 1", "a\r\n\tb", "", "\0", "\ud83d", cut, "\"},{" })
        {
            var sample = new MetricSample("chat.visits", [new("room", value)], MetricKind.Rate, new MetricNumber(1L));
            string text = MetricWriter.Write([sample], kind, new Dictionary<string, string>(), default);
            if (lines == 0) Assert.NotNull(JsonNode.Parse(text));
            else Assert.Equal(lines, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        }
    }

    [Fact]
    public void Common_labels_are_added_to_every_metric()
    {
        Dictionary<string, string> common = new() { ["host"] = "h1", ["room"] = "mine" };
        string text = WrittenSamples.As(MetricFormat.Prometheus, common);
        Assert.Contains("chat_times_count{host=\"h1\",room=\"a\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("_7th{host=\"h1\",room=\"mine\"} 1.5\n", text, StringComparison.Ordinal);
        text = WrittenSamples.As(MetricFormat.Solomon, common);
        Assert.StartsWith("""{"commonLabels":{"host":"h1","room":"mine"},""", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_query_picks_by_path_by_prefix_and_by_labels()
    {
        await using TestService service = await StartAsync();
        Counts counts = service.System.Find<Counts>();
        counts.Visits.Add(1, new KeyValuePair<string, object?>("room", "a"));
        counts.Visits.Add(2, new("room", "b"), new("kind", "x"));
        Assert.Equal(["visits"], await PathsAsync(service, "?format=json&path=visits"));
        Assert.Equal([], await PathsAsync(service, "?format=json&path=visit"));
        Assert.Equal(["visits"], await PathsAsync(service, "?format=json&prefix=visit"));
        Assert.Equal(["visits"], await PathsAsync(service, "?format=json&prefix=visits&path=visits"));
        string labels = Uri.EscapeDataString("""{"room": "b"}""");
        Assert.Equal(
            """{"visits":[{"value":2,"labels":{"kind":"x","room":"b"},"type":"RATE"}]}""",
            await GetAsync(service, "?format=json&labels=" + labels, "visits"));
    }

    [Theory]
    [InlineData("", "No 'format' in the query, and none in the config; expected one of json, pretty, prometheus, "
        + "prometheus-untyped, graphite, solomon")]
    [InlineData("?format=xml", "No format 'xml', expected one of json, pretty, prometheus, prometheus-untyped, "
        + "graphite, solomon")]
    [InlineData("?format=json&path=a&prefix=b", "Both 'path' and 'prefix' are given, and differ; expected one of them")]
    [InlineData("?format=json&labels=room", "'labels' is not a JSON object of strings")]
    public async Task A_wrong_query_gets_400_with_the_reason(string query, string reason)
    {
        await using TestService service = await StartAsync();
        using HttpResponseMessage response =
            await service.Http.GetAsync(new Uri(service.MonitorUrl, "/service/monitor" + query), TestService.Patience);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(reason, await response.Content.ReadAsStringAsync(TestService.Patience));
    }

    [Fact]
    public async Task The_config_may_have_a_format_and_content_types_fit()
    {
        await using TestService service = await TestService.StartAsync(
            "    handler-server-monitor: { path: /service/monitor, format: prometheus, common-labels: { dc: x } }");
        using HttpResponseMessage text =
            await service.Http.GetAsync(new Uri(service.MonitorUrl, "/service/monitor"), TestService.Patience);
        Assert.Equal("text/plain; charset=utf-8", text.Content.Headers.ContentType?.ToString());
        string body = await text.Content.ReadAsStringAsync(TestService.Patience);
        Assert.Contains("dc=\"x\"", body, StringComparison.Ordinal);
        using HttpResponseMessage json = await service.Http.GetAsync(
            new Uri(service.MonitorUrl, "/service/monitor?format=solomon"), TestService.Patience);
        Assert.Equal("application/json", json.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task A_test_resets_what_is_counted_and_hears_of_what_not_all_systems_take()
    {
        await using TestService service = await StartAsync(TestService.Control);
        Counts counts = service.System.Find<Counts>();
        counts.Visits.Add(3);
        counts.Present.Add(3);
        counts.Times.Record(1);
        Assert.Null(await service.DoAsync("reset_metrics"));
        Assert.Null(await service.MetricAsync("visits"));
        Assert.Null(await service.MetricAsync("times"));
        Assert.Equal(3, (int)(await service.MetricAsync("present"))!);
        counts.Visits.Add(1, new KeyValuePair<string, object?>("host", new string('h', 201)));
        JsonNode found = (await service.DoAsync("metrics_portability", """{"prefix": "vis"}"""))!;
        Assert.Equal(["label_reserved_host", "label_value_length"], found.AsObject().Select(member => member.Key));
        JsonNode warning = found["label_reserved_host"]![0]!;
        Assert.Equal("the label name 'host' is reserved", (string)warning["error_message"]!);
        Assert.Equal("visits", (string)warning["path"]!);
        Assert.Equal(new string('h', 201), (string)warning["labels"]!["host"]!);
    }

    [Fact]
    public async Task A_flood_of_tags_is_bounded()
    {
        await using TestService service = await StartAsync();
        Counts counts = service.System.Find<Counts>();
        for (int i = 0; i < 3000; i++) counts.Visits.Add(1, new KeyValuePair<string, object?>("visitor", i));
        Assert.Equal(1000, (int)(await service.MetricAsync("visits", """{"overflow": "true"}"""))!);
    }

    [Fact]
    public void Counting_allocates_nothing_once_its_tags_are_known()
    {
        using var meter = new Meter("Chat.Counting");
        var series = new MetricSeries(meter.CreateHistogram<double>("times", "s"));
        KeyValuePair<string, object?>[] tags = [new("room", "a"), new("kind", 7)];
        series.Record(new MetricNumber(1.5), tags);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) series.Record(new MetricNumber(1.5), tags);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1001, Assert.Single(series.Read()).Histogram!.Count);
    }

    [Fact]
    public async Task An_instrument_that_fails_is_logged_and_the_others_are_told()
    {
        await using TestService service = await StartAsync(TestService.Control);
        service.System.Find<Counts>().Fails = true;
        Assert.Equal(["present"], await PathsAsync(service, "?format=json&prefix=pre", add: true));
        await service.DoAsync("log_flush");
        Assert.Contains(
            "Some metrics cannot be told",
            await File.ReadAllTextAsync(service.LogPath, TestService.Patience),
            StringComparison.Ordinal);
    }

    private static Task<TestService> StartAsync(string more = "") => TestService.StartAsync(
        TestService.Monitor + """
            echo: { path: /echo }
            counts:

        """ + more,
        list => list.Append<Echo>().Append<Counts>());

    private static async Task<IEnumerable<string>> PathsAsync(TestService service, string query, bool add = false)
    {
        if (add) service.System.Find<Counts>().Present.Add(1);
        JsonNode all = JsonNode.Parse(await GetTextAsync(service, query))!;
        return all.AsObject().Select(member => member.Key);
    }

    /// <summary>Reads metrics, and leaves those of some paths.</summary>
    private static async Task<string> GetAsync(TestService service, string query, params string[] paths)
    {
        JsonObject all = JsonNode.Parse(await GetTextAsync(service, query))!.AsObject();
        foreach (string other in all.Select(member => member.Key).Except(paths).ToArray()) all.Remove(other);
        return all.ToJsonString();
    }

    private static Task<string> GetTextAsync(TestService service, string query) =>
        service.Http.GetStringAsync(new Uri(service.MonitorUrl, "/service/monitor" + query), TestService.Patience);

    private sealed class Echo(WebSocketHandlerConfig config, ComponentContext context)
        : WebSocketHandler(config, context), INamedComponent
    {
        public static string ComponentName => "echo";

        protected override async Task HandleAsync(WebSocketConnection connection, RequestContext request)
        {
            while (await connection.ReceiveAsync() is { IsClose: false } message) await connection.SendAsync(message);
        }
    }

    /// <summary>Has one instrument of each kind.</summary>
    private sealed class Counts : INamedComponent
    {
        public Counts(ComponentContext context)
        {
            Meter meter = context.Meters.Create("Chat");
            Visits = meter.CreateCounter<long>("visits");
            Present = meter.CreateUpDownCounter<int>("present");
            Heat = meter.CreateGauge<double>("heat");
            Times = meter.CreateHistogram(
                "times", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1.0, 2.0] });
            meter.CreateObservableGauge("watched", () => Fails ? throw new InvalidOperationException("no") : 42L);
        }

        public static string ComponentName => "counts";

        public Counter<long> Visits { get; }

        public UpDownCounter<int> Present { get; }

        public Gauge<double> Heat { get; }

        public Histogram<double> Times { get; }

        public bool Fails { get; set; }
    }
}
