using Microsoft.Extensions.Logging;
using Tideway.Observability;
using Tideway.Tests.Configuration;
using Tideway.Tests.DynamicConfig;

namespace Tideway.Tests.Observability;

/// <summary>Levels that the dynamic config changes while the service runs.</summary>
public sealed class DynamicLevelTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly ValuesOf _values = new(LogVariables.Levels, LogVariables.DynamicDebug);
    private readonly LoggerRegistry _logging;
    private IDisposable? _following;

    public DynamicLevelTests() => _logging = LoggerRegistry.Open(new LoggingConfig
    {
        Loggers = new Dictionary<string, LoggerConfig>
        {
            ["default"] = new() { FilePath = _folder.PathOf("default") },
            ["access"] = new() { FilePath = "@null" },
        },
    });

    public ValueTask InitializeAsync()
    {
        _following = _logging.Follow(_values.Source);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _following?.Dispose();
        await _logging.DisposeAsync();
        _values.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_level_changes_for_loggers_that_exist_and_changes_back()
    {
        ILogger chat = _logging.CreateLogger("chat");
        ILogger microsoft = _logging.CreateLogger("Microsoft.AspNetCore.Routing");
        Assert.False(chat.IsEnabled(LogLevel.Debug));
        Assert.False(microsoft.IsEnabled(LogLevel.Information));
        chat.LogDebug("before");

        Assert.Null(_values.Apply("""{ "TIDEWAY_LOG_LEVELS": { "default": "debug", "access": "none" } }"""));
        Assert.True(chat.IsEnabled(LogLevel.Debug));
        Assert.True(microsoft.IsEnabled(LogLevel.Information));
        Assert.True(_logging.TryFind("access", out NamedLogger? access));
        Assert.False(access.IsEnabled(LogLevel.Critical));
        chat.LogDebug("during");

        _values.Apply("""{ "TIDEWAY_LOG_LEVELS": { "default": "error" } }""");
        Assert.False(chat.IsEnabled(LogLevel.Warning));
        Assert.False(_logging.CreateLogger("Microsoft.AspNetCore.Hosting.Diagnostics").IsEnabled(LogLevel.Warning));

        _values.Apply("{}");
        Assert.True(chat.IsEnabled(LogLevel.Information));
        Assert.False(chat.IsEnabled(LogLevel.Debug));
        Assert.False(microsoft.IsEnabled(LogLevel.Information));
        Assert.True(access.IsEnabled(LogLevel.Information));
        chat.LogDebug("after");
        await _logging.DisposeAsync();
        Assert.Contains("text=during", Assert.Single(await File.ReadAllLinesAsync(_folder.PathOf("default"))), default);
    }

    [Fact]
    public void Categories_log_more_or_less_than_the_level_says()
    {
        ILogger chat = _logging.CreateLogger("chat"), rooms = _logging.CreateLogger("chat.rooms");
        Assert.Null(_values.Apply(
            """{ "USERVER_LOG_DYNAMIC_DEBUG": { "force-enabled": ["chat.rooms"], "force-disabled": ["chat"] } }"""));
        Assert.True(rooms.IsEnabled(LogLevel.Trace));
        Assert.False(chat.IsEnabled(LogLevel.Information));
        Assert.True(chat.IsEnabled(LogLevel.Warning));

        Assert.Null(_values.Apply("""
            {
              "USERVER_LOG_DYNAMIC_DEBUG": {
                "force-enabled": [], "force-disabled": [],
                "force-enabled-level": { "chat.rooms": "debug" }, "force-disabled-level": { "chat": "error" }
              }
            }
            """));
        Assert.False(rooms.IsEnabled(LogLevel.Trace));
        Assert.True(rooms.IsEnabled(LogLevel.Debug));
        Assert.False(chat.IsEnabled(LogLevel.Error));
        Assert.True(chat.IsEnabled(LogLevel.Critical));

        _values.Apply("{}");
        Assert.False(rooms.IsEnabled(LogLevel.Debug));
        Assert.True(chat.IsEnabled(LogLevel.Information));
    }

    [Fact]
    public async Task A_level_of_a_logger_that_does_not_exist_is_told()
    {
        _values.Apply("""{ "TIDEWAY_LOG_LEVELS": { "acces": "debug" } }""");
        await _logging.DisposeAsync();
        Assert.Contains(
            "TIDEWAY_LOG_LEVELS: there is no logger acces",
            Assert.Single(await File.ReadAllLinesAsync(_folder.PathOf("default"))),
            default);
    }
}
