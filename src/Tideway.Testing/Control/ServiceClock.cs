using System.Globalization;
using System.Text.Json.Nodes;

namespace Tideway.Testing.Control;

/// <summary>The clock of the service: of its timers, its time-outs, its pings.</summary>
/// <remarks>It is the real one until a test freezes it, and again after that test.</remarks>
public sealed class ServiceClock
{
    private readonly TestsControl _control;
    private readonly Action _touch;

    internal ServiceClock(TestsControl control, Action touch) => (_control, _touch) = (control, touch);

    /// <summary>The time at which the clock stands; null while it is the real one.</summary>
    public DateTimeOffset? Now { get; private set; }

    /// <summary>Stops the clock.</summary>
    /// <param name="at">The time that it shows then; null for the real one.</param>
    public async Task FreezeAsync(DateTimeOffset? at = null)
    {
        _touch();
        await SetAsync(at ?? DateTimeOffset.UtcNow);
    }

    /// <summary>Moves a clock that stands. Everything that is due by then happens.</summary>
    /// <param name="by">How far, not backwards.</param>
    /// <exception cref="InvalidOperationException">The clock is the real one.</exception>
    public async Task AdvanceAsync(TimeSpan by)
    {
        _touch();
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        if (Now is not { } now) throw new InvalidOperationException("The clock goes by itself: freeze it first.");
        await SetAsync(now + by);
    }

    /// <summary>Lets the clock be the real one again.</summary>
    public async Task ResumeAsync()
    {
        if (Now is null) return;
        await _control.CallAsync("control", new JsonObject { ["mock_now"] = null });
        Now = null;
    }

    private async Task SetAsync(DateTimeOffset now)
    {
        string text = now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);
        await _control.CallAsync("control", new JsonObject { ["mock_now"] = text, ["mock_timers"] = true });
        Now = now;
    }
}
