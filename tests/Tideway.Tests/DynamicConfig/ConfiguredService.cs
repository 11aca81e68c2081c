using Microsoft.Extensions.Time.Testing;
using Tideway.Components;
using Tideway.Configuration;
using Tideway.DynamicConfig;
using Tideway.Tests.Components;

namespace Tideway.Tests.DynamicConfig;

/// <summary>The dynamic config components of a service, on a clock that tests move.</summary>
internal sealed class ConfiguredService : IAsyncDisposable
{
    private readonly DynamicConfigClientComponent? _client;
    private readonly DynamicConfigComponent _component;

    /// <summary>Constructs the components, as a start does.</summary>
    /// <param name="config">The section <c>dynamic-config</c>, YAML.</param>
    /// <param name="fallbackPath">The fallback file; null for none.</param>
    /// <param name="client">The section of the client; null for none.</param>
    /// <param name="updater">What the section of the updater has beside what it must have.</param>
    /// <param name="interval">The update interval.</param>
    /// <param name="clock">The clock; null for a new one.</param>
    public ConfiguredService(
        string config = "", string? fallbackPath = null, string? client = null, string updater = "",
        string interval = "10s", FakeTimeProvider? clock = null)
    {
        Clock = clock ?? new FakeTimeProvider();
        var context = new ComponentContext("dynamic-config")
        {
            TimeProvider = Clock,
            LoggerFactory = Log,
            Assemblies = [typeof(TestVariables).Assembly],
        };
        DynamicConfigClientUpdaterComponent? updating = null;
        if (client is not null)
        {
            _client = new DynamicConfigClientComponent(Bind<DynamicConfigClientConfig>(client), Clock);
            updating = new DynamicConfigClientUpdaterComponent(
                Bind<DynamicConfigClientUpdaterConfig>(
                    $"update-interval: {interval}\nconfig-settings: false\nfirst-update-fail-ok: true\n{updater}"),
                _client);
        }

        _component = new DynamicConfigComponent(
            Bind<DynamicConfigConfig>(config),
            context,
            new DynamicConfigFallbacksComponent(new DynamicConfigFallbacksConfig { FallbackPath = fallbackPath }),
            updating);
        _component.OnAllComponentsLoadedAsync(default).AsTask().Wait();
    }

    public FakeTimeProvider Clock { get; }

    public LogCapture Log { get; } = new();

    public DynamicConfigSource Source => _component.Source;

    /// <summary>The section of a client of a config service.</summary>
    public static string ClientOf(string url, string more = "") =>
        $"config-url: {url}\nservice-name: chat\nhttp-timeout: 1h\nhttp-retries: 1\n{more}";

    public static T Bind<T>(string yaml)
        where T : class => ConfigBinder.Bind<T>(YamlReader.Read(yaml, "config.yaml", ConfigPath.Root, [])!);

    /// <summary>Moves the clock until something is so.</summary>
    public Task AdvanceUntilAsync(Func<bool> condition) => UntilAsync(condition, TimeSpan.FromMilliseconds(500));

    /// <summary>Waits until something is so; the clock stands still.</summary>
    public Task WaitUntilAsync(Func<bool> condition) => UntilAsync(condition, TimeSpan.Zero);

    public async ValueTask DisposeAsync()
    {
        await _component.DisposeAsync();
        _client?.Dispose();
    }

    private async Task UntilAsync(Func<bool> condition, TimeSpan step)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(30);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, string.Join('\n', Log.Of("dynamic-config")));
            Clock.Advance(step);
            await Task.Delay(1);
        }
    }
}
