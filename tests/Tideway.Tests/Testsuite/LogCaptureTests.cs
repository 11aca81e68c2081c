using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Tideway.Components;

namespace Tideway.Tests.Testsuite;

/// <summary>What a test sees of the logs: lines over TCP while it wants them, and all of them in the file once they are
/// flushed.</summary>
public sealed class LogCaptureTests : IDisposable
{
    private const string On = """{"log_level": "DEBUG", "socket_logging_duplication": true}""";
    private const string Off = """{"log_level": "INFO", "socket_logging_duplication": false}""";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public LogCaptureTests() => _listener.Start();

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Lines_come_while_they_are_wanted_then_the_connection_ends_and_the_log_is_as_before()
    {
        await using TestService service = await StartAsync();
        ILogger logger = service.System.Find<Talker>().Logger;
        logger.LogError("before");
        Task<string> captured = CaptureAsync();
        Assert.Null(await service.DoAsync("log_capture", On));
        Assert.True(logger.IsEnabled(LogLevel.Debug));
        Assert.False(logger.IsEnabled(LogLevel.Trace));
        logger.LogTrace("too fine");
        logger.LogDebug("said {Word} to {Peer}", "hello\tyou", 7);
        logger.LogWarning("last");
        Assert.Null(await service.DoAsync("log_capture", Off));
        Assert.False(logger.IsEnabled(LogLevel.Debug));
        logger.LogError("after");

        string[] lines = (await captured).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] mine = [.. lines.Where(line => line.Contains("\tmodule=talker\t", StringComparison.Ordinal))];
        Assert.Equal(2, mine.Length);
        Assert.Matches(
            @"^tskv\ttimestamp=\S+\tlevel=DEBUG\tmodule=talker\t.*"
            + @"text=said hello\\tyou to 7\tword=hello\\tyou\tpeer=7$",
            mine[0]);
        Assert.Matches(@"^tskv\ttimestamp=\S+\tlevel=WARNING\tmodule=talker\t.*text=last$", mine[1]);

        await service.DoAsync("log_flush");
        string[] file = await File.ReadAllLinesAsync(service.LogPath, TestService.Patience);
        Assert.Equal(
            ["before", "last", "after"],
            file.Where(line => line.Contains("\"module\":\"talker\"", StringComparison.Ordinal))
                .Select(line => line[(line.IndexOf("\"text\":\"", StringComparison.Ordinal) + 8)..^2]));
    }

    [Fact]
    public async Task It_can_be_wanted_again_and_a_second_wish_changes_the_level()
    {
        await using TestService service = await StartAsync();
        ILogger logger = service.System.Find<Talker>().Logger;
        for (int i = 0; i < 2; i++)
        {
            Task<string> captured = CaptureAsync();
            await service.DoAsync("log_capture", """{"log_level": "error", "socket_logging_duplication": true}""");
            Assert.False(logger.IsEnabled(LogLevel.Debug));
            await service.DoAsync("log_capture", """{"socket_logging_duplication": true}""");
            Assert.True(logger.IsEnabled(LogLevel.Trace));
            logger.LogTrace("again {Number}", i);
            await service.DoAsync("log_flush", """{"logger_name": null}""");
            await service.DoAsync("log_capture", Off);
            await service.DoAsync("log_capture", Off);
            Assert.Contains($"text=again {i}\t", await captured, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_nobody_listens_it_fails_with_the_address()
    {
        await using TestService service = await StartAsync();
        string address = _listener.LocalEndpoint.ToString()!;
        _listener.Stop();
        (HttpStatusCode status, var answer) = await service.TryAsync("log_capture", On);
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains($"nobody listens on {address}", (string)answer!["message"]!, StringComparison.Ordinal);
        Assert.False(service.System.Find<Talker>().Logger.IsEnabled(LogLevel.Debug));
    }

    [Fact]
    public async Task A_test_that_does_not_read_holds_nobody_up()
    {
        await using TestService service = await StartAsync();
        ILogger logger = service.System.Find<Talker>().Logger;
        await service.DoAsync("log_capture", On);
        using Socket deaf = await _listener.AcceptSocketAsync(TestService.Patience);
        string text = new('x', 9000);
        for (int i = 0; i < 2000; i++) logger.LogDebug("{Text}", text);
        await service.DoAsync("log_capture", Off);
    }

    private Task<TestService> StartAsync() => TestService.StartAsync(
        TestService.Control + "    talker:",
        list => list.Append<Talker>(),
        logger: ", format: json, testsuite-capture: { host: 127.0.0.1, port: "
            + $"{((IPEndPoint)_listener.LocalEndpoint).Port} }}");

    /// <summary>Reads what comes over the next connection, to its end.</summary>
    private async Task<string> CaptureAsync()
    {
        using Socket socket = await _listener.AcceptSocketAsync(TestService.Patience);
        using var reader = new StreamReader(new NetworkStream(socket));
        return await reader.ReadToEndAsync(TestService.Patience);
    }

    private sealed class Talker(ILogger logger) : INamedComponent
    {
        public static string ComponentName => "talker";

        public ILogger Logger => logger;
    }
}
