using Microsoft.Extensions.Logging;
using Tideway.Configuration;

namespace Tideway.DynamicConfig;

/// <summary>Brings the values of a file, again whenever the file has changed.</summary>
/// <remarks>The file is read at every interval, and compared: so whatever way it is replaced is noticed, a swap of a
/// symbolic link in its path included. News of the file system only make it sooner.</remarks>
internal sealed partial class WatchedFile(
    string path, TimeSpan interval, DynamicConfigUpdates updates, TimeProvider timeProvider, ILogger logger)
    : IValueFeed
{
    /// <summary>How long a file that changes is left alone: who writes it may not be done.</summary>
    private static readonly TimeSpan _settling = TimeSpan.FromMilliseconds(100);

    private readonly Lock _reading = new();
    private FileSystemWatcher? _watcher;
    private ITimer? _timer;
    private string? _text;
    private string? _failure;
    private long _newsAt;

    public string Name => DynamicConfigComponent.ComponentName;

    public Task<string?> BringAsync(bool all, CancellationToken cancellationToken) => Task.FromResult(Read());

    public void Start()
    {
        _timer = timeProvider.CreateTimer(_ => ReadAgain(), state: null, interval, interval);
        _watcher = Watch();
    }

    public async ValueTask DisposeAsync()
    {
        _watcher?.Dispose();
        if (_timer is not null) await _timer.DisposeAsync();
    }

    private void ReadAgain()
    {
        try
        {
            Read();
        }
        catch (Exception exception)
        {
            // What a timer throws would end the process.
            updates.CountFailed();
            ReadingFailed(logger, path, exception);
        }
    }

    /// <summary>Reads the file, and brings its values if it has changed.</summary>
    /// <returns>Why there are no values, or why they were refused; null when they were taken before or now.</returns>
    private string? Read()
    {
        lock (_reading)
        {
            Interlocked.Exchange(ref _newsAt, 0);
            try
            {
                string text = ConfigFile.ReadText(path);
                if (text != _text) _failure = Bring(text);
                else if (_failure is null) updates.CountUnchanged();
                _text = text;
            }
            catch (Exception exception) when (ConfigFile.IsUnreadable(exception))
            {
                string reason = $"cannot read '{path}': {ConfigFile.Reason(exception)}";
                updates.CountFailed();
                if (reason != _failure) FileUnreadable(logger, path, ConfigFile.Reason(exception));
                _failure = reason;
                _text = null;
            }

            return _failure;
        }
    }

    private string? Bring(string text)
    {
        var problems = new List<ConfigProblem>();
        if (ConfigJson.ReadMap(text, path, problems) is not { } map) return updates.Refuse(path, problems);
        updates.Apply(path, ValueFile.ToValues(map), out string? problem);
        return problem;
    }

    private FileSystemWatcher? Watch()
    {
        try
        {
            // The directory, not the file: a file that is replaced is another one.
            string full = Path.GetFullPath(path);
            var watcher = new FileSystemWatcher(Path.GetDirectoryName(full)!)
            {
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite,
            };
            watcher.Created += (_, _) => ReadSoon();
            watcher.Changed += (_, _) => ReadSoon();
            watcher.Renamed += (_, _) => ReadSoon();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception exception) when (ConfigFile.IsUnreadable(exception))
        {
            NotWatched(logger, path, interval, exception.Message);
            return null;
        }
    }

    /// <summary>Reads when the file has settled; but at the interval, should its directory never be quiet.</summary>
    private void ReadSoon()
    {
        long now = timeProvider.GetTimestamp();
        long first = Interlocked.CompareExchange(ref _newsAt, now, 0);
        TimeSpan left = first == 0 ? interval : interval - timeProvider.GetElapsedTime(first, now);
        if (left < TimeSpan.Zero) left = TimeSpan.Zero;
        _timer?.Change(left < _settling ? left : _settling, interval);
    }

    [LoggerMessage(405, LogLevel.Error, "Dynamic config: cannot read '{Path}', all values stay as they are: {Reason}")]
    private static partial void FileUnreadable(ILogger logger, string path, string reason);

    [LoggerMessage(406, LogLevel.Warning,
        "Dynamic config: changes of '{Path}' are noticed only every {Interval}, it cannot be watched: {Reason}")]
    private static partial void NotWatched(ILogger logger, string path, TimeSpan interval, string reason);

    [LoggerMessage(415, LogLevel.Error, "Dynamic config: reading '{Path}' failed, all values stay as they are")]
    private static partial void ReadingFailed(ILogger logger, string path, Exception exception);
}
