using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Tideway.Observability;
using Tideway.Server;
using Tideway.Tests.DynamicConfig;
using Tideway.Tests.Observability;

namespace Tideway.Tests.Server;

public sealed class AccessLogTests : IDisposable
{
    private static readonly DateTimeOffset _noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);
    private readonly LogSocket _collector = new();

    [Fact]
    public async Task A_request_is_one_line_in_the_named_logger()
    {
        await using LoggerRegistry logging = Open(LogFormat.Raw);
        using StreamReader lines = await _collector.AcceptAsync(TestServer.Patience);
        await using TestServer server = await StartAsync(logging, TestServer.Config with { LoggerAccess = "access" });
        using TcpClient client = await server.SendRawAsync(Encoding.UTF8.GetBytes(
            "GET /hello?a=\"b HTTP/1.1\r\nHost: example.org\r\nUser-Agent: Mo\"z\\illa \u00e9\r\n"
            + "Referer: http://there\r\nCookie: session=secret\r\n\r\n"));

        Assert.Equal(
            """[2026-05-04 12:00:00.000000 +00:00] example.org 127.0.0.1 "GET /hello?a=\x22b HTTP/1.1" """
            + """200 "http://there" "Mo\x22z\x5Cilla \xC3\xA9" "-" 0.000000 - 5 0.000000""",
            await lines.ReadLineAsync(TestServer.Patience));
    }

    [Fact]
    public async Task A_request_is_one_line_of_pairs_in_the_named_logger()
    {
        await using LoggerRegistry logging = Open(LogFormat.Raw);
        using StreamReader lines = await _collector.AcceptAsync(TestServer.Patience);
        await using TestServer server =
            await StartAsync(logging, TestServer.Config with { LoggerAccessTskv = "access" });
        using TcpClient client = await server.SendRawAsync(
            "GET /hello HTTP/1.1\r\nHost: example.org\r\nX-Forwarded-For: ::1\tx\r\nCookie: s\r\n\r\n"u8.ToArray());

        Assert.Equal(
            "tskv\ttimestamp=2026-05-04T12:00:00\ttimezone=+00:00\tstatus=200\tprotocol=HTTP/1.1\tmethod=GET"
            + "\trequest=/hello\treferer=-\tcookies=-\tuser_agent=-\tvhost=example.org\tip=127.0.0.1"
            + "\tx_forwarded_for=::1\\tx\tx_real_ip=-\tupstream_http_x_yarequestid=-\thttp_host=example.org"
            + "\tremote_addr=127.0.0.1\trequest_time=0.000\tupstream_response_time=0.000\trequest_body=-",
            await lines.ReadLineAsync(TestServer.Patience));
    }

    [Fact]
    public async Task A_logger_of_another_format_takes_the_line_as_the_text_of_a_record()
    {
        await using LoggerRegistry logging = Open(LogFormat.Tskv);
        using StreamReader lines = await _collector.AcceptAsync(TestServer.Patience);
        await using TestServer server = await StartAsync(logging, TestServer.Config with { LoggerAccess = "access" });
        await server.StatusOfAsync("/hello");
        string line = (await lines.ReadLineAsync(TestServer.Patience))!;
        Assert.StartsWith(
            "tskv\ttimestamp=2026-05-04T12:00:00.000000\tlevel=INFO\tmodule=access\t", line, StringComparison.Ordinal);
        Assert.Contains("\ttext=[2026-05-04 12:00:00.000000 +00:00] 127.0.0.1", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nowhere", 404)]
    [InlineData("/throw", 500)]
    [InlineData("/ws", 400)]
    public async Task Whatever_the_answer_is_it_has_its_line(string path, int status)
    {
        await using LoggerRegistry logging = Open(LogFormat.Raw);
        using StreamReader lines = await _collector.AcceptAsync(TestServer.Patience);
        await using TestServer server = await StartAsync(logging, TestServer.Config with { LoggerAccess = "access" });
        Assert.Equal(status, (int)await server.StatusOfAsync(path));
        Assert.Contains(
            $" HTTP/1.1\" {status} ", await lines.ReadLineAsync(TestServer.Patience), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_WebSocket_has_its_line_when_it_is_accepted_and_no_other_when_it_ends()
    {
        await using LoggerRegistry logging = Open(LogFormat.Raw);
        using StreamReader lines = await _collector.AcceptAsync(TestServer.Patience);
        await using TestServer server = await StartAsync(logging, TestServer.Config with { LoggerAccess = "access" });
        using (var client = await server.ConnectAsync("/ws"))
        {
            string? line = await lines.ReadLineAsync(TestServer.Patience);
            Assert.Contains("\"GET /ws HTTP/1.1\" 101 ", line, StringComparison.Ordinal);
            await client.CloseAsync(
                System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, TestServer.Patience);
        }

        await server.Server.StopAsync(TestServer.Patience);
        await logging.DisposeAsync();
        Assert.Null(await lines.ReadLineAsync(TestServer.Patience));
    }

    [Fact]
    public async Task A_client_that_leaves_before_its_answer_is_a_499()
    {
        await using LoggerRegistry logging = Open(LogFormat.Raw);
        using StreamReader lines = await _collector.AcceptAsync(TestServer.Patience);
        var begun = new TaskCompletionSource();
        Handler waits = TestServer.Answer(new() { Path = "/wait" }, async http =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        });
        await using TestServer server = await TestServer.StartAsync(
            TestServer.Config with { LoggerAccess = "access" }, logging, null, waits);
        using (await server.SendRawAsync("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray())) await begun.Task;
        Assert.Contains(
            "\"GET /wait HTTP/1.1\" 499 ", await lines.ReadLineAsync(TestServer.Patience), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_bytes_of_an_answer_are_counted_however_it_is_written()
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "four");
        await using LoggerRegistry logging = Open(LogFormat.Raw);
        using StreamReader lines = await _collector.AcceptAsync(TestServer.Patience);
        Handler all = TestServer.Answer(new() { Path = "/all" }, async http =>
        {
            await http.Response.WriteAsync("1");
            await http.Response.Body.WriteAsync("22"u8.ToArray());
            await http.Response.BodyWriter.WriteAsync("333"u8.ToArray());
            await http.Response.SendFileAsync(file);
        });
        await using TestServer server = await TestServer.StartAsync(
            TestServer.Config with { LoggerAccess = "access" }, logging, new FakeTimeProvider(_noon), all);
        using HttpResponseMessage response = await server.GetAsync("/all");
        Assert.Equal("122333four", await response.Content.ReadAsStringAsync(TestServer.Patience));
        Assert.EndsWith(" - 10 0.000000", await lines.ReadLineAsync(TestServer.Patience), StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task Variables_steer_whether_there_are_lines_and_whether_they_have_headers()
    {
        using var values = new ValuesOf(AccessLog.LogRequest, AccessLog.LogHeaders, AccessLog.ShownHeaders);
        await using LoggerRegistry logging = Open(LogFormat.Raw);
        using StreamReader lines = await _collector.AcceptAsync(TestServer.Patience);
        var http = new HttpServer(
            TestServer.Config with { LoggerAccessTskv = "access" },
            [TestServer.Answer(new() { Path = "/hello" }, http => http.Response.WriteAsync("hello"))],
            logging,
            new FakeTimeProvider(_noon),
            dynamicConfig: values.Source);
        await http.StartAsync(TestServer.Patience);
        await using var server = new TestServer(http);

        values.Apply("""{ "USERVER_LOG_REQUEST": false }""");
        await server.StatusOfAsync("/hello?silent");
        values.Apply("""
            { "USERVER_LOG_REQUEST_HEADERS": true, "USERVER_LOG_REQUEST_HEADERS_WHITELIST": ["x-room"] }
            """);
        using TcpClient client = await server.SendRawAsync(
            "GET /hello HTTP/1.1\r\nHost: example.org\r\nX-Room: a\r\nCookie: s\r\n\r\n"u8.ToArray());
        string line = (await lines.ReadLineAsync(TestServer.Patience))!;
        Assert.Contains("\trequest=/hello\t", line, default);
        Assert.Contains(
            """
            request_headers={"Cookie":"***","Host":"***","X-Room":"a"}
            """,
            line,
            default);
        Assert.Contains("\tresponse_headers={", line, default);
        values.Apply("{}");
        await server.StatusOfAsync("/hello");
        Assert.DoesNotContain("_headers=", await lines.ReadLineAsync(TestServer.Patience), default);
    }

    [Fact]
    public async Task An_empty_name_is_none()
    {
        await using TestServer server =
            await TestServer.StartAsync(TestServer.Config with { LoggerAccess = "", LoggerAccessTskv = "" });
        Assert.Equal(404, (int)await server.StatusOfAsync("/nowhere"));
    }

    [Fact]
    public async Task A_logger_that_does_not_exist_is_an_error_that_names_it()
    {
        await using LoggerRegistry logging = Open(LogFormat.Raw);
        ServerConfig config = TestServer.Config with { LoggerAccessTskv = "acess" };
        var error = Assert.Throws<InvalidOperationException>(() => new HttpServer(config, [], logging));
        Assert.Equal("logger_access_tskv: there is no logger 'acess' in logging.loggers", error.Message);
    }

    public void Dispose() => _collector.Dispose();

    private static Task<TestServer> StartAsync(LoggerRegistry logging, ServerConfig config) => TestServer.StartAsync(
        config,
        logging,
        new FakeTimeProvider(_noon),
        TestServer.Answer(new() { Path = "/hello" }, http => http.Response.WriteAsync("hello"), "hello"),
        TestServer.Answer(new() { Path = "/throw" }, _ => throw new InvalidOperationException("bug"), "throw"),
        TestServer.Talk("/ws", async connection => await connection.ReceiveAsync()));

    private LoggerRegistry Open(LogFormat format) => LoggerRegistry.Open(
        new LoggingConfig
        {
            Loggers = new Dictionary<string, LoggerConfig>
            {
                ["access"] = new() { FilePath = _collector.Path, Format = format },
            },
        },
        new FakeTimeProvider(_noon));
}
