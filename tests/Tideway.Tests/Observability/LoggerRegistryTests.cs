using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Tideway.Observability;
using Tideway.Tests.Configuration;

namespace Tideway.Tests.Observability;

/// <summary>What the loggers do with places that fail and texts that lie.</summary>
public sealed class LoggerRegistryTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_full_disk_fails_neither_the_callers_nor_the_stop()
    {
        var logging = LoggerRegistry.Open(To("/dev/full"));
        logging.Factory.CreateLogger("test").LogError("lost");
        await logging.DisposeAsync().AsTask().WaitAsync(_patience);
    }

    [Fact]
    public async Task A_file_on_a_full_disk_is_reopened_elsewhere()
    {
        using var folder = new TempFolder();
        string path = folder.PathOf("log");
        File.CreateSymbolicLink(path, "/dev/full");
        await using (var sink = new LogSink(path, queueSize: 16, blocks: false))
        {
            sink.Write("lost\n"u8.ToArray());
            while (sink.Dropped == 0) await Task.Yield();
            File.Delete(path);
            sink.Reopen();
            sink.Write("kept\n"u8.ToArray());
        }

        Assert.Equal("kept\n", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_reader_that_reads_nothing_does_not_hold_up_the_stop()
    {
        using var folder = new TempFolder();
        string path = folder.PathOf("socket");
        using Socket listener = Listen(path);
        var logging = LoggerRegistry.Open(To("unix:" + path));
        ILogger logger = logging.Factory.CreateLogger("test");
        string text = new('x', 10_000);
        for (int i = 0; i < 1000; i++) logger.LogError("{Text}", text);
        await logging.DisposeAsync().AsTask().WaitAsync(_patience);
    }

    [Fact]
    public async Task A_line_tells_how_many_records_a_slow_reader_cost()
    {
        using var folder = new TempFolder();
        string path = folder.PathOf("socket");
        using Socket listener = Listen(path);
        await using var logging = LoggerRegistry.Open(To("unix:" + path, queueSize: 2));
        ILogger logger = logging.Factory.CreateLogger("test");
        string text = new('x', 10_000);
        for (int i = 0; i < 1000; i++) logger.LogError("{Text}", text);

        using var patience = new CancellationTokenSource(_patience);
        Task<string> told = ReadUntilAsync(listener, "records were dropped", patience.Token);
        while (!told.IsCompleted)
        {
            logger.LogError("there is room again");
            await Task.Yield();
        }

        Assert.Matches("level=WARNING\tmodule=logging\t.*text=[0-9]+ records were dropped", await told);
    }

    [Theory]
    [InlineData("unix:")]
    [InlineData("unix:/tmp/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("/tmp/a\0b")]
    public void A_place_that_cannot_be_one_is_named(string path)
    {
        var error = Assert.Throws<IOException>(() => LoggerRegistry.Open(To(path)));
        Assert.StartsWith($"The log '{path}' cannot be opened: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LogFormat.Tskv)]
    [InlineData(LogFormat.Ltsv)]
    [InlineData(LogFormat.Json)]
    public async Task No_text_breaks_a_line_or_steers_a_terminal(LogFormat format)
    {
        const string hostile = "a\r\nb\tlevel=ERROR \x1b[2J \u0085 \u009b1m \u2028 \ud800 end";
        using var folder = new TempFolder();
        string path = folder.Write("log", "");
        await using (var logging = LoggerRegistry.Open(To(path, format)))
            logging.Factory.CreateLogger(hostile).LogError(new InvalidOperationException(hostile), "{Path}", hostile);

        string log = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(log.TrimEnd('\n'), c => (char.IsControl(c) && c != '\t') || c is '\u2028' or '\u2029');
        if (format == LogFormat.Json)
            Assert.EndsWith(" end", JsonDocument.Parse(log).RootElement.GetProperty("text").GetString(), StringComparison.Ordinal);
        else
            Assert.Single(log.Split('\t'), part => part.StartsWith("level", StringComparison.Ordinal));
    }

    private static LoggingConfig To(string path, LogFormat format = LogFormat.Tskv, int queueSize = 65536) => new()
    {
        Loggers = new Dictionary<string, LoggerConfig>
        {
            ["default"] = new() { FilePath = path, Format = format, MessageQueueSize = queueSize },
        },
    };

    private static Socket Listen(string path)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        return listener;
    }

    private static async Task<string> ReadUntilAsync(Socket listener, string text, CancellationToken cancellationToken)
    {
        using Socket socket = await listener.AcceptAsync(cancellationToken);
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
            if (line.Contains(text, StringComparison.Ordinal)) return line;
        return "";
    }
}
