using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tideway.Server;
using Tideway.Tests.Components;

namespace Tideway.Tests.Server;

public sealed class WebServerLogTests
{
    private readonly LogCapture _log = new();
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Of_a_flood_of_one_event_a_record_a_second_passes()
    {
        ILogger logger = Open("Microsoft.AspNetCore.Server.Kestrel.Http2");
        for (int i = 0; i < 1000; i++) logger.LogWarning(1, "flood {Number}", i);
        logger.LogWarning(2, "another event");
        _clock.Advance(TimeSpan.FromSeconds(1));
        logger.LogWarning(1, "flood again");

        Assert.Equal(["flood 0", "another event", "flood again"], _log.At(LogLevel.Warning));
        Assert.Equal(999L, Assert.Single(_log.Scopes).Single(pair => pair.Key == "withheld").Value);
    }

    [Fact]
    public void What_is_below_warning_or_of_others_passes_whole()
    {
        ILogger server = Open("Microsoft.AspNetCore.Server.Kestrel");
        ILogger others = Open("Microsoft.AspNetCore.Routing");
        for (int i = 0; i < 3; i++)
        {
            server.LogDebug(1, "detail");
            others.LogWarning(1, "odd");
        }

        Assert.Equal(3, _log.At(LogLevel.Debug).Count());
        Assert.Equal(3, _log.At(LogLevel.Warning).Count());
    }

    [Fact]
    public void A_peer_that_is_cut_is_nothing_critical()
    {
        ILogger logger = Open("Microsoft.AspNetCore.Server.Kestrel.Http2");
        logger.LogCritical(new EventId(60, "Http2QueueOperationsExceeded"), "too many operations");

        Assert.Empty(_log.At(LogLevel.Critical));
        Assert.Equal(["too many operations"], _log.At(LogLevel.Warning));
    }

    private ILogger Open(string category) => new WebServerLog(_log, _clock).CreateLogger(category);
}
