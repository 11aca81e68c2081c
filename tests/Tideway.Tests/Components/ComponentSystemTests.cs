using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tideway.Components;

namespace Tideway.Tests.Components;

public class ComponentSystemTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly LogCapture _log = new();

    private interface IPlugin;

    [Fact]
    public async Task A_constructor_is_given_all_that_it_asks_for()
    {
        var config = new CuriousConfig { Question = "why" };
        ComponentSystem system = await StartAsync(
            new ComponentList().Append<Curious>().Append<Plugin>("one").Append<Plugin>("two").Append<Settings>(),
            ("curious", config));

        Curious curious = system.Find<Curious>();
        curious.Logger.LogInformation("by name");
        curious.TypedLogger.LogInformation("by type");

        Assert.Same(config, curious.Config);
        Assert.Equal("curious", curious.Context.ComponentName);
        Assert.Same(_clock, curious.Context.TimeProvider);
        Assert.Same(_log, curious.Context.LoggerFactory);
        Assert.Same(_clock, curious.Clock);
        Assert.Equal(["by name"], _log.Of("curious"));
        Assert.Equal(["by type"], _log.Of(typeof(Curious).FullName!.Replace('+', '.')));
        Assert.Same(system.Find<Settings>(), curious.Settings);
        Assert.Same(system.Find<IPlugin>("two"), curious.Second);
        Assert.Equal([system.Find<Plugin>("one"), system.Find<Plugin>("two")], curious.Plugins);
        Assert.Null(curious.Absent);
    }

    [Fact]
    public async Task A_class_that_is_listed_twice_has_two_instances_with_their_own_names()
    {
        ComponentSystem system = await StartAsync(new ComponentList().Append<Plugin>("one").Append<Plugin>("two"));

        Assert.Equal("one", system.Find<Plugin>("one").Name);
        Assert.Equal("two", system.Find<Plugin>("two").Name);
    }

    [Fact]
    public async Task An_optional_component_that_is_switched_off_is_null_and_never_constructed()
    {
        ComponentSystem system = await StartAsync(
            new ComponentList().Append<Modest>().Append<Settings>(),
            ("settings", new NoOptionsConfig { LoadEnabled = false }));

        Assert.Null(system.Find<Modest>().Settings);
        Assert.Throws<InvalidOperationException>(() => system.Find<Settings>());
    }

    [Fact]
    public async Task An_optional_component_that_is_loaded_is_given()
    {
        ComponentSystem system = await StartAsync(new ComponentList().Append<Modest>().Append<Settings>());

        Assert.Same(system.Find<Settings>(), system.Find<Modest>().Settings);
    }

    [Fact]
    public async Task Problems_of_the_graph_end_the_start_before_anything_is_constructed()
    {
        bool constructed = false;
        var script = new Script { Construct = _ => constructed = true };

        await Assert.ThrowsAsync<ComponentGraphException>(
            () => StartAsync(new ComponentList().Append<Bottom>().Append<Top>(), ("bottom", script)));

        Assert.False(constructed);
    }

    [Fact]
    public async Task A_component_that_is_disposable_is_disposed()
    {
        ComponentSystem system = await StartAsync(new ComponentList().Append<Settings>());
        Settings settings = system.Find<Settings>();
        Assert.False(settings.IsDisposed);

        await system.StopAsync(CancellationToken.None);

        Assert.True(settings.IsDisposed);
    }

    [Fact]
    public async Task An_empty_list_starts_and_stops()
    {
        ComponentSystem system = await StartAsync([]);

        await system.StopAsync(CancellationToken.None);

        Assert.Equal(
            ["All 0 components started in 00:00:00", "All components stopped in 00:00:00"],
            _log.At(LogLevel.Information));
    }

    [Fact]
    public async Task Finding_a_component_that_is_not_the_only_one_says_so()
    {
        ComponentSystem system = await StartAsync(new ComponentList().Append<Plugin>("one").Append<Plugin>("two"));

        string message = Assert.Throws<InvalidOperationException>(() => system.Find<IPlugin>()).Message;

        Assert.Equal($"There are 2 components of {typeof(IPlugin)}.", message);
    }

    private Task<ComponentSystem> StartAsync(
        ComponentList components, params (string Name, ComponentConfig Config)[] configs) =>
        ComponentSystem.StartAsync(
            components, configs.ToDictionary(pair => pair.Name, pair => pair.Config), _clock, _log);

    private sealed record CuriousConfig : ComponentConfig
    {
        public string Question { get; init; } = "";
    }

    private sealed class Curious(
        TimeProvider clock,
        CuriousConfig config,
        IReadOnlyList<IPlugin> plugins,
        ILogger<Curious> typedLogger,
        [FromComponent("two")] IPlugin second,
        ILogger logger,
        Modest? absent,
        ComponentContext context,
        Settings settings) : INamedComponent
    {
        public static string ComponentName => "curious";

        public TimeProvider Clock { get; } = clock;

        public CuriousConfig Config { get; } = config;

        public IReadOnlyList<IPlugin> Plugins { get; } = plugins;

        public ILogger TypedLogger { get; } = typedLogger;

        public IPlugin Second { get; } = second;

        public ILogger Logger { get; } = logger;

        public Modest? Absent { get; } = absent;

        public ComponentContext Context { get; } = context;

        public Settings Settings { get; } = settings;
    }

    private sealed class Plugin(ComponentContext context) : INamedComponent, IPlugin
    {
        public static string ComponentName => "plugin";

        public string Name { get; } = context.ComponentName;
    }

    private sealed class Modest(Settings? settings) : INamedComponent
    {
        public static string ComponentName => "modest";

        public Settings? Settings { get; } = settings;
    }

    private sealed class Settings : INamedComponent, IDisposable
    {
        public static string ComponentName => "settings";

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
