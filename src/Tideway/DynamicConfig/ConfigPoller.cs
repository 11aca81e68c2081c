using System.Numerics;
using Microsoft.Extensions.Logging;
using Tideway.Components;
using Tideway.Configuration;

namespace Tideway.DynamicConfig;

/// <summary>Brings the values of a config service, again and again.</summary>
internal sealed partial class ConfigPoller : IValueFeed
{
    private readonly DynamicConfigClientUpdaterConfig _config;
    private readonly ConfigServiceClient _client;
    private readonly DynamicConfigUpdates _updates;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly PeriodicTask _task;
    private readonly SemaphoreSlim _updating = new(1);
    private int _failures;

    // What the last update that was taken left: incremental ones build on it.
    private IReadOnlyDictionary<string, ConfigNode> _values = new Dictionary<string, ConfigNode>();
    private IReadOnlySet<string> _disabled = new HashSet<string>();
    private string? _updatedAt;
    private long _fullAt;
    private TimeSpan _fullPeriod;
    private bool _isTooOld;

    public ConfigPoller(
        DynamicConfigClientUpdaterConfig config,
        ConfigServiceClient client,
        DynamicConfigUpdates updates,
        ComponentContext context,
        ILogger logger)
    {
        (_config, _client, _updates, _logger) = (config, client, updates, logger);
        _timeProvider = context.TimeProvider;
        _task = new PeriodicTask(context, Name, config.UpdateInterval, UpdateAsync)
        {
            Jitter = config.UpdateJitter ?? config.UpdateInterval / 10,
            FailureInterval = config.ExceptionInterval ?? config.UpdateInterval,
        };
    }

    public string Name => DynamicConfigClientUpdaterComponent.ComponentName;

    private bool IsFullDue => _updatedAt is null || _config.Types switch
    {
        UpdateTypes.OnlyFull => true,
        UpdateTypes.OnlyIncremental => false,
        _ => _timeProvider.GetElapsedTime(_fullAt) >= _fullPeriod,
    };

    public async Task<string?> BringAsync(bool all, CancellationToken cancellationToken)
    {
        await _updating.WaitAsync(cancellationToken);
        try
        {
            return await UpdateAsync(all || IsFullDue, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            CountFailure($"an update broke off: {exception.Message}");
            throw;
        }
        finally
        {
            _updating.Release();
        }
    }

    public void Start()
    {
        if (_config.UpdatesEnabled) _task.Start(afterFailure: _failures > 0);
    }

    public ValueTask DisposeAsync() => _task.DisposeAsync();

    private async Task<bool> UpdateAsync(CancellationToken cancellationToken) =>
        await BringAsync(all: false, cancellationToken) is null;

    /// <summary>Makes one update.</summary>
    /// <returns>Why it failed; null when it did not.</returns>
    private async Task<string?> UpdateAsync(bool isFull, CancellationToken cancellationToken)
    {
        IEnumerable<string> names = _config.LoadOnlyMyValues ? _updates.Names : [];
        (ConfigsReply? reply, string failure) =
            await _client.AskAsync(names, isFull ? null : _updatedAt, cancellationToken);
        if (reply is null)
        {
            _updates.CountFailed();

            // A service that stays away is told of less and less often.
            if (BitOperations.IsPow2(_failures + 1)) UpdateFailed(_logger, _client.Origin, _failures + 1, failure);
            CountFailure(failure);
            return $"the config service {_client.Origin} gave none: {failure}";
        }

        string? problem = Take(reply, isFull);
        if (problem is null) CountSuccess();
        else CountFailure(problem);
        return problem;
    }

    private void CountSuccess()
    {
        if (_failures > 0) UpdateWorksAgain(_logger, _client.Origin, _failures);
        _failures = 0;
        _updates.SetAlert(false);
    }

    private void CountFailure(string reason)
    {
        _failures++;
        if (_failures != _config.AlertOnFailingToUpdateTimes) return;
        _updates.SetAlert(true);
        UpdatesFail(_logger, _client.Origin, _failures, reason);
    }

    private string? Take(ConfigsReply reply, bool isFull)
    {
        if (!isFull && string.CompareOrdinal(reply.UpdatedAt, _updatedAt) < 0)
        {
            // A service that went back to a copy stays behind until something is changed, or all is asked for.
            if (!_isTooOld) ReplyTooOld(_logger, _client.Origin, reply.UpdatedAt, _updatedAt!);
            _isTooOld = true;
            _updates.CountUnchanged();
            return null;
        }

        _isTooOld = false;

        if (!isFull && reply.IsEmpty)
        {
            _updatedAt = reply.UpdatedAt;
            _updates.CountUnchanged();
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
        if (_config.StoreEnabled)
        {
            _updates.Apply(
                _client.Origin,
                values.Where(pair => !disabled.Contains(pair.Key)).ToDictionary(),
                out problem);
        }

        // What is refused is asked for again: the time of the last change stays.
        if (problem is not null) return problem;
        (_values, _disabled, _updatedAt) = (values, disabled, reply.UpdatedAt);
        if (isFull)
        {
            _fullAt = _timeProvider.GetTimestamp();
            TimeSpan period = _config.FullUpdateInterval ?? TimeSpan.Zero;
            _fullPeriod = PeriodicTask.Jittered(period, _config.FullUpdateJitter ?? period / 10);
        }

        return null;
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
}
