using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tideway.Configuration;
using Tideway.Observability;
using Tideway.Tests.Configuration;

namespace Tideway.Tests.Observability;

public sealed class LoggerRegistryTests
{
    private const string NameOf60 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private static readonly DateTimeOffset _noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    [Fact]
    public async Task A_record_has_its_span_its_thread_its_values_and_its_scopes()
    {
        using var folder = new TempFolder();
        string path = folder.PathOf("new/folder/log");
        using var span = new Activity("test");
        string thread;
        await using (var logging = LoggerRegistry.Open(To(path), new FakeTimeProvider(_noon)))
        {
            ILogger logger = logging.CreateLogger("chat");
            span.SetParentId("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").Start();
            using (logger.BeginScope(new Dictionary<string, object> { ["Room"] = "a\nb" }))
                logger.LogError(new InvalidOperationException("two\nlines"), "Peer {Peer} left", "::1");
            thread = Environment.CurrentManagedThreadId.ToString("X", CultureInfo.InvariantCulture);
            span.Stop();
        }

        Assert.Equal(
            "tskv\ttimestamp=2026-05-04T12:00:00.000000\tlevel=ERROR\tmodule=chat" +
            $"\ttrace_id=0af7651916cd43dd8448eb211c80319c\tspan_id={span.SpanId}\tparent_id=b7ad6b7169203331" +
            $"\tthread_id=0x{thread}" +
            "\ttext=Peer ::1 left\tpeer=::1\troom=a\\nb\texception=System.InvalidOperationException: two\\nlines",
            Assert.Single(await File.ReadAllLinesAsync(path, Patience)));
    }

    [Theory]
    [InlineData(LoggerLevel.Trace, 6)]
    [InlineData(LoggerLevel.Warning, 3)]
    [InlineData(LoggerLevel.Critical, 1)]
    [InlineData(LoggerLevel.None, 0)]
    public async Task Records_below_the_level_are_not_written(LoggerLevel level, int count)
    {
        using var folder = new TempFolder();
        string path = folder.PathOf("log");
        await using (var logging = LoggerRegistry.Open(To(path, level)))
        {
            ILogger logger = logging.CreateLogger("chat");
            for (LogLevel each = LogLevel.Trace; each < LogLevel.None; each++) logger.Log(each, "hello");
            Assert.Equal(level <= LoggerLevel.Warning, logger.IsEnabled(LogLevel.Warning));
        }

        Assert.Equal(count, (await File.ReadAllLinesAsync(path, Patience)).Length);
    }

    [Fact]
    public async Task Dispose_writes_all_that_is_queued()
    {
        using var folder = new TempFolder();
        string path = folder.PathOf("log");
        await using (var logging = LoggerRegistry.Open(To(path)))
        {
            ILogger logger = logging.CreateLogger("chat");
            for (int i = 0; i < 10_000; i++) logger.LogInformation("{Number}", i);
        }

        Assert.Equal(10_000, (await File.ReadAllLinesAsync(path, Patience)).Length);
    }

    [Fact]
    public async Task A_full_queue_drops_and_counts_without_holding_up_who_logs()
    {
        using var collector = new LogSocket();
        await using var logging = LoggerRegistry.Open(To(collector.Path, queue: 4));
        using StreamReader lines = await collector.AcceptAsync(Patience);
        ILogger logger = logging.CreateLogger("chat");

        // Nobody reads: the socket fills up, then the queue. That the loop ends at all is what is tested.
        long sent = 0;
        string text = new('x', 5000);
        while (logging.Dropped == 0 || sent < 1000) logger.LogInformation("{Number} {Text}", sent++, text);
        long dropped = logging.Dropped;
        Assert.InRange(dropped, 1, sent);

        // What was dropped is told as soon as lines are read again, and adds up with those that were not.
        long received = 0, told = 0;
        while (received + told < sent)
        {
            string line = await lines.ReadLineAsync(Patience) ?? throw new EndOfStreamException();
            string value = line.Split("\ttext=")[1];
            if (value.EndsWith(" records of this log were dropped", StringComparison.Ordinal))
            {
                Assert.Contains("\tlevel=WARNING\tmodule=logging\t", line, StringComparison.Ordinal);
                told += long.Parse(value.Split(' ')[0], CultureInfo.InvariantCulture);
            }
            else
            {
                received++;
            }
        }

        Assert.Equal((sent, dropped), (received + told, told));
    }

    [Fact]
    public async Task A_logger_that_blocks_loses_nothing()
    {
        const int Count = 2000;
        using var collector = new LogSocket();
        var config = new LoggingConfig
        {
            Loggers = new Dictionary<string, LoggerConfig>
            {
                ["access"] = new()
                {
                    FilePath = collector.Path,
                    Format = LogFormat.Raw,
                    MessageQueueSize = 1,
                    OverflowBehavior = OverflowBehavior.Block,
                },
            },
        };
        await using var logging = LoggerRegistry.Open(config);
        using StreamReader lines = await collector.AcceptAsync(Patience);
        Assert.True(logging.TryFind("access", out NamedLogger? logger));

        // Far more than the socket holds: it can only come through if the writer waits for the reader.
        string text = new('x', 5000);
        var writing = Task.Run(
            () =>
            {
                for (int i = 0; i < Count; i++) logger.WriteLine("access", LogLineWriter.Encode($"{i} {text}"));
            },
            Patience);
        for (int i = 0; i < Count; i++) Assert.Equal($"{i} {text}", await lines.ReadLineAsync(Patience));
        await writing;
        Assert.Equal(0, logging.Dropped);
    }

    [Fact]
    public async Task A_file_that_was_moved_away_is_begun_anew_at_reopen()
    {
        using var folder = new TempFolder();
        string path = folder.PathOf("log"), old = folder.PathOf("log.1");
        await using (var logging = LoggerRegistry.Open(To(path)))
        {
            ILogger logger = logging.CreateLogger("chat");
            logger.LogInformation("before");
            File.Move(path, old);
            logging.Reopen();
            logger.LogInformation("after");
        }

        // When Reopen is called, the first line may still be queued.
        string all = await File.ReadAllTextAsync(old, Patience) + await File.ReadAllTextAsync(path, Patience);
        Assert.Equal(3, all.Count(c => c == '\n'));
        Assert.Contains("text=before\n", all, StringComparison.Ordinal);
        string fresh = await File.ReadAllTextAsync(path, Patience);
        Assert.Contains("text=Log files are opened again\n", fresh, StringComparison.Ordinal);
        Assert.Contains("text=after\n", fresh, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_was_truncated_is_appended_to_from_its_new_end()
    {
        using var folder = new TempFolder();
        string path = folder.PathOf("log");
        await using (var logging = LoggerRegistry.Open(To(path)))
        {
            logging.CreateLogger("chat").LogInformation("before");
        }

        await using (var logging = LoggerRegistry.Open(To(path)))
        {
            File.WriteAllText(path, "");
            logging.CreateLogger("chat").LogInformation("after");
        }

        string text = await File.ReadAllTextAsync(path, Patience);
        Assert.StartsWith("tskv\t", text, StringComparison.Ordinal);
        Assert.EndsWith("text=after\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_reported_once_and_never_thrown()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full here.");
        using var complaints = new StringWriter();
        var logging = LoggerRegistry.Open(To("/dev/full"), complaints: TextWriter.Synchronized(complaints));
        ILogger logger = logging.CreateLogger("chat");
        int sent = 0;

        // Line by line, so that there are several batches that fail.
        for (; sent < 3; sent++)
        {
            logger.LogInformation("hello");
            while (logging.Dropped <= sent) await Task.Yield();
        }

        await logging.DisposeAsync().AsTask().WaitAsync(Patience);
        logger.LogInformation("after the end");
        Assert.StartsWith("The log '/dev/full' cannot be written: ", complaints.ToString(), StringComparison.Ordinal);
        Assert.Single(complaints.ToString().TrimEnd().Split('\n'));
        Assert.Equal(sent + 1, logging.Dropped);
    }

    [Fact]
    public async Task A_file_on_a_full_disk_is_reopened_elsewhere()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full here.");
        using var folder = new TempFolder();
        string path = folder.PathOf("log");
        File.CreateSymbolicLink(path, "/dev/full");
        await using (var logging = LoggerRegistry.Open(To(path), complaints: TextWriter.Null))
        {
            ILogger logger = logging.CreateLogger("chat");
            logger.LogInformation("lost");
            while (logging.Dropped == 0) await Task.Yield();
            File.Delete(path);
            logging.Reopen();
            logger.LogInformation("kept");
        }

        string log = await File.ReadAllTextAsync(path, Patience);
        Assert.Contains("text=1 records of this log were dropped\n", log, StringComparison.Ordinal);
        Assert.EndsWith("text=kept\n", log, StringComparison.Ordinal);
        Assert.DoesNotContain("lost", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_reads_nothing_does_not_hold_up_the_stop()
    {
        using var collector = new LogSocket();
        var logging = LoggerRegistry.Open(To(collector.Path), complaints: TextWriter.Null);
        ILogger logger = logging.CreateLogger("chat");
        string text = new('x', 10_000);
        for (int i = 0; i < 1000; i++) logger.LogInformation("{Text}", text);
        await logging.DisposeAsync().AsTask().WaitAsync(Patience);
    }

    [Theory]
    [InlineData("/dev/null/log")]
    [InlineData("unix:")]
    [InlineData("unix:/tmp/" + NameOf60 + NameOf60)]
    [InlineData("/tmp/a\0b")]
    public void A_place_that_cannot_be_opened_is_an_error_that_names_it(string path)
    {
        var error = Assert.Throws<IOException>(() => LoggerRegistry.Open(To(path)));
        Assert.StartsWith($"The log '{path}' cannot be opened: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LogFormat.Tskv)]
    [InlineData(LogFormat.Ltsv)]
    [InlineData(LogFormat.Raw)]
    [InlineData(LogFormat.Json)]
    public async Task No_text_breaks_a_line_or_steers_a_terminal(LogFormat format)
    {
        const string Hostile = "a\r\nb\tlevel=ERROR \x1b[2J \x7f \u0085 \u009b1m \u2028 \u2029 end";
        using var folder = new TempFolder();
        string path = folder.PathOf("log");
        await using (var logging = LoggerRegistry.Open(To(path, format: format)))
            logging.CreateLogger(Hostile).LogError(new InvalidOperationException(Hostile), "{Path}", Hostile);

        // Decoding finds characters that should have been escaped.
        KeyValuePair<string, string>[] record =
            LogLines.Decode(await File.ReadAllTextAsync(path, Patience), format);
        foreach (string key in new[] { "module", "text", "path" })
            Assert.Equal(Hostile, Assert.Single(record, pair => pair.Key == key).Value);
        Assert.Contains(
            Hostile, Assert.Single(record, pair => pair.Key == "exception").Value, StringComparison.Ordinal);
        Assert.Equal(format == LogFormat.Raw ? 0 : 1, record.Count(pair => pair.Key == "level"));
    }

    [Fact]
    public async Task What_the_user_gives_to_log_cannot_make_logging_throw()
    {
        using var folder = new TempFolder();
        string path = folder.PathOf("log");
        await using (var logging = LoggerRegistry.Open(To(path)))
            logging.CreateLogger("chat").LogInformation("{Value}", new Unformattable());
        string line = Assert.Single(await File.ReadAllLinesAsync(path, Patience));
        Assert.Contains(
            "\ttext=The text of a record cannot be formatted: System.NotSupportedException\t",
            line,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logging_costs_who_logs_at_most_the_state_and_one_buffer()
    {
        await using var logging = LoggerRegistry.Open(To("@null"));
        ILogger logger = logging.CreateLogger("chat");
        for (int i = 0; i < 100; i++) logger.LogInformation("hello");
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++) logger.LogInformation("hello");

        // The boxed state of LogInformation is 56 bytes. The buffer of 512 is a new one only while the writer, on its
        // own thread, has not given one back; then the pool's own lists grow, too, a little.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 10_000, 0, 56 + 512 + 24 + 32);
    }

    [Fact]
    public void Two_loggers_cannot_append_to_one_file()
    {
        var error = Assert.Throws<ConfigException>(() => ConfigBinder.Bind<LoggingConfig>(ConfigLoader.Parse("""
            loggers:
              default: { file_path: a.log }
              access: { file_path: a.log }
              errors: { file_path: '@stderr' }
              more: { file_path: '@stderr' }
            """, "c")));
        Assert.Equal(
            "c:3:13  loggers.access.file_path: 'a.log' is the file of the logger 'default' already, expected another",
            error.Message);
    }

    private static LoggingConfig To(
        string path,
        LoggerLevel level = LoggerLevel.Info,
        int queue = 65536,
        LogFormat format = LogFormat.Tskv) => new()
        {
            Loggers = new Dictionary<string, LoggerConfig>
            {
                [LoggerRegistry.DefaultName] =
                    new() { FilePath = path, Level = level, MessageQueueSize = queue, Format = format },
            },
        };

    private sealed class Unformattable
    {
        public override string ToString() => throw new NotSupportedException();
    }
}
