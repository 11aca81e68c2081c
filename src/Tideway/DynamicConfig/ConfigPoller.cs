using System.Numerics;
using Microsoft.Extensions.Logging;
using Tideway.Configuration;

namespace Tideway.DynamicConfig;

/// <summary>Brings the values of a config service, again and again.</summary>
internal sealed partial class ConfigPoller(
    DynamicConfigClientUpdaterConfig config,
    ConfigServiceClient client,
    DynamicConfigUpdates updates,
    TimeProvider timeProvider,
    ILogger logger) : IValueFeed
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private int _failures;

    // What the last update that was taken left: incremental ones build on it.
    private IReadOnlyDictionary<string, ConfigNode> _values = new Dictionary<string, ConfigNode>();
    private IReadOnlySet<string> _disabled = new HashSet<string>();
    private string? _updatedAt;
    private long _fullAt;
    private TimeSpan _fullPeriod;

    private bool IsFullDue => _updatedAt is null || config.Types switch
    {
        UpdateTypes.OnlyFull => true,
        UpdateTypes.OnlyIncremental => false,
        _ => timeProvider.GetElapsedTime(_fullAt) >= _fullPeriod,
    };

    public Task<string?> BringFirstAsync(CancellationToken cancellationToken) => UpdateAsync(cancellationToken);

    public void Start()
    {
        if (config.UpdatesEnabled) _running = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            TimeSpan pause = _failures > 0
                ? config.ExceptionInterval ?? config.UpdateInterval
                : Jittered(config.UpdateInterval, config.UpdateJitter);
            try
            {
                await Task.Delay(pause, timeProvider, _stop.Token);
                await UpdateAsync(_stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                UpdateBroke(logger, exception);
                CountFailure($"an update broke off: {exception.Message}");
            }
        }
    }

    /// <summary>Makes one update.</summary>
    /// <returns>Why it failed; null when it did not.</returns>
    private async Task<string?> UpdateAsync(CancellationToken cancellationToken)
    {
        bool isFull = IsFullDue;
        IEnumerable<string> names = config.LoadOnlyMyValues ? updates.Names : [];
        (ConfigsReply? reply, string failure) =
            await client.AskAsync(names, isFull ? null : _updatedAt, cancellationToken);
        if (reply is null)
        {
            updates.CountFailed();

            // A service that stays away is told of less and less often.
            if (BitOperations.IsPow2(_failures + 1)) UpdateFailed(logger, client.Origin, _failures + 1, failure);
            CountFailure(failure);
            return $"the config service {client.Origin} gave none: {failure}";
        }

        string? problem = Take(reply, isFull);
        if (problem is null) CountSuccess();
        else CountFailure(problem);
        return problem;
    }

    private void CountSuccess()
    {
        if (_failures > 0) UpdateWorksAgain(logger, client.Origin, _failures);
        _failures = 0;
        updates.SetAlert(false);
    }

    private void CountFailure(string reason)
    {
        _failures++;
        if (_failures != config.AlertOnFailingToUpdateTimes) return;
        updates.SetAlert(true);
        UpdatesFail(logger, client.Origin, _failures, reason);
    }

    private string? Take(ConfigsReply reply, bool isFull)
    {
        if (!isFull && string.CompareOrdinal(reply.UpdatedAt, _updatedAt) < 0)
        {
            ReplyTooOld(logger, client.Origin, reply.UpdatedAt, _updatedAt!);
            updates.CountUnchanged();
            return null;
        }

        if (!isFull && reply.IsEmpty)
        {
            _updatedAt = reply.UpdatedAt;
            updates.CountUnchanged();
            return null;
        }

        Dictionary<string, ConfigNode> values = isFull ? [] : new(_values);
        HashSet<string> disabled = isFull ? [] : [.. _disabled];
        foreach ((string name, ConfigNode value) in reply.Values) values[name] = value;
        foreach (string name in reply.Removed) values.Remove(name);

        // A name of the reply that is in neither list is no kill switch, or none any more.
        disabled.ExceptWith(reply.Values.Keys.Concat(reply.Removed).Concat(reply.Enabled));
        disabled.UnionWith(reply.Disabled);
        string? problem = null;
        if (config.StoreEnabled)
        {
            updates.Apply(
                client.Origin,
                values.Where(pair => !disabled.Contains(pair.Key)).ToDictionary(),
                out problem);
        }

        // What is refused is asked for again: the time of the last change stays.
        if (problem is not null) return problem;
        (_values, _disabled, _updatedAt) = (values, disabled, reply.UpdatedAt);
        if (isFull)
        {
            _fullAt = timeProvider.GetTimestamp();
            TimeSpan period = config.FullUpdateInterval ?? TimeSpan.Zero;
            _fullPeriod = Jittered(period, config.FullUpdateJitter);
        }

        return null;
    }

    private static TimeSpan Jittered(TimeSpan interval, TimeSpan? jitter)
    {
        TimeSpan most = jitter ?? interval / 10;
        TimeSpan jittered = interval + (most * ((2 * Random.Shared.NextDouble()) - 1));
        return jittered > TimeSpan.Zero ? jittered : TimeSpan.FromMilliseconds(1);
    }

    [LoggerMessage(407, LogLevel.Warning,
        "Dynamic config: {Origin} gave no values, {Count} times in a row; all values stay as they are: {Reason}")]
    private static partial void UpdateFailed(ILogger logger, string origin, int count, string reason);

    [LoggerMessage(408, LogLevel.Information, "Dynamic config: {Origin} gives values again, after {Count} failures")]
    private static partial void UpdateWorksAgain(ILogger logger, string origin, int count);

    [LoggerMessage(409, LogLevel.Warning,
        "Dynamic config: {Origin} answered as of {UpdatedAt}, before {Known}, which was known already; not taken")]
    private static partial void ReplyTooOld(ILogger logger, string origin, string updatedAt, string known);

    [LoggerMessage(414, LogLevel.Error,
        "Dynamic config: {Count} updates from {Origin} have failed in a row (alert-on-failing-to-update-times); "
        + "all values stay as they are: {Reason}")]
    private static partial void UpdatesFail(ILogger logger, string origin, int count, string reason);

    [LoggerMessage(410, LogLevel.Error, "Dynamic config: an update broke off")]
    private static partial void UpdateBroke(ILogger logger, Exception exception);
}
