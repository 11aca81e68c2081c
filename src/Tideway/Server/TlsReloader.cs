using System.Net.Security;
using Microsoft.Extensions.Logging;

namespace Tideway.Server;

/// <summary>Holds what a listener speaks TLS with, and looks for new files from time to time.</summary>
/// <remarks>
/// New connections get the new files as soon as they are found; those that are open keep what they have. Files that do
/// not fit are reported once, and the old ones stay in use. The contents are read each time: whatever replaced a file
/// (a rename, a swapped link of a folder, a mount), they tell it, where a watch of the file system may not. Safe from
/// any thread.
/// </remarks>
internal sealed partial class TlsReloader : IDisposable
{
    private readonly TlsConfig _config;
    private readonly ListenerHttpVersion _version;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private ITimer? _timer;
    private readonly Lock _looking = new();
    private volatile TlsSnapshot _snapshot;
    private string? _failure;
    private long _reloads;
    private long _failedReloads;

    /// <summary>Reads the files.</summary>
    /// <param name="listener">The name of the listener, for reports and metrics.</param>
    /// <param name="config">A config with a certificate and a key.</param>
    /// <param name="version">What is offered by ALPN.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Where reloads are reported.</param>
    /// <exception cref="IOException">The files cannot be used; the message names the option.</exception>
    public TlsReloader(
        string listener, TlsConfig config, ListenerHttpVersion version, TimeProvider timeProvider, ILogger logger)
    {
        (Listener, _config, _version, _timeProvider, _logger) = (listener, config, version, timeProvider, logger);
        try
        {
            _snapshot = TlsSnapshot.Create(config, TlsFiles.Read(config), version);
        }
        catch (TlsException exception)
        {
            throw new IOException($"{listener}.{exception.Message}", exception);
        }

        WarnOfTimes();
    }

    /// <summary>The name of the listener.</summary>
    public string Listener { get; }

    /// <summary>What new connections are opened with.</summary>
    public SslServerAuthenticationOptions Options => _snapshot.Options;

    /// <summary>How often new files were taken into use.</summary>
    public long Reloads => Interlocked.Read(ref _reloads);

    /// <summary>How often new files could not be used.</summary>
    public long FailedReloads => Interlocked.Read(ref _failedReloads);

    /// <summary>How long the certificate is still valid; negative when it has expired.</summary>
    public TimeSpan ExpiresIn => _snapshot.NotAfter - _timeProvider.GetUtcNow().UtcDateTime;

    /// <summary>Begins to look for new files.</summary>
    public void Start()
    {
        if (_config.ReloadInterval <= TimeSpan.Zero) return;
        _timer = _timeProvider.CreateTimer(
            static reloader => ((TlsReloader)reloader!).Look(), this, _config.ReloadInterval, _config.ReloadInterval);
    }

    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        // A disk that hangs must not pile up threads.
        if (!_looking.TryEnter()) return;
        string? hash = null;
        try
        {
            TlsFiles files = TlsFiles.Read(_config);
            hash = files.Hash;
            if (hash == _failure) return;
            if (hash == _snapshot.Hash)
            {
                _failure = null;
                return;
            }

            _snapshot = TlsSnapshot.Create(_config, files, _version);
            _failure = null;
            Interlocked.Increment(ref _reloads);
            Reloaded(_logger, Listener, _snapshot.Certificate.Subject, _snapshot.NotAfter);
            WarnOfTimes();
        }
        catch (TlsException exception)
        {
            Fail(hash ?? exception.Message, exception.Message);
        }
        catch (Exception exception)
        {
            Fail(hash ?? exception.Message, $"tls: {exception.Message}");
        }
        finally
        {
            _looking.Exit();
        }
    }

    /// <summary>Reports a failure, unless it is the one reported last.</summary>
    private void Fail(string failure, string message)
    {
        if (failure == _failure) return;
        _failure = failure;
        Interlocked.Increment(ref _failedReloads);
        NotReloaded(_logger, $"{Listener}.{message.TrimEnd('.')}", _snapshot.Certificate.Subject);
    }

    private void WarnOfTimes()
    {
        DateTime now = _timeProvider.GetUtcNow().UtcDateTime;
        DateTime from = _snapshot.Certificate.NotBefore.ToUniversalTime();
        if (_snapshot.NotAfter <= now)
            Expired(_logger, Listener, _config.Cert!, _snapshot.Certificate.Subject, _snapshot.NotAfter);
        else if (from > now) NotYetValid(_logger, Listener, _config.Cert!, _snapshot.Certificate.Subject, from);
    }

    [LoggerMessage(205, LogLevel.Information,
        "{Listener}.tls: new connections get the new certificate, {Subject}, valid until {NotAfter:u}")]
    private static partial void Reloaded(ILogger logger, string listener, string subject, DateTime notAfter);

    [LoggerMessage(206, LogLevel.Error,
        "{Problem}. New connections get the certificate that was read before, {Subject}")]
    private static partial void NotReloaded(ILogger logger, string problem, string subject);

    [LoggerMessage(207, LogLevel.Warning,
        "{Listener}.tls.cert: the certificate {Subject} in '{Path}' has expired, on {NotAfter:u}; clients refuse it")]
    private static partial void Expired(
        ILogger logger, string listener, string path, string subject, DateTime notAfter);

    [LoggerMessage(208, LogLevel.Warning,
        "{Listener}.tls.cert: the certificate {Subject} in '{Path}' is not valid before {NotBefore:u}; clients "
        + "refuse it")]
    private static partial void NotYetValid(
        ILogger logger, string listener, string path, string subject, DateTime notBefore);
}
