using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Tideway.Components;

namespace Tideway.Tests.Components;

/// <summary>Starts the scripted components, listed from the top down, and writes down what happens to them.</summary>
internal sealed class ScriptedSystem
{
    private static readonly ComponentList _list =
        new ComponentList().Append<Top>().Append<Aside>().Append<Middle>().Append<Bottom>();

    private readonly ConcurrentQueue<string> _events = [];
    private readonly Dictionary<string, Script> _scripts = _list.ToDictionary(entry => entry.Name, _ => new Script());

    public FakeTimeProvider Clock { get; } = new();

    public LogCapture Log { get; } = new();

    /// <summary>What happened, in order: the verb and the name of the component.</summary>
    public IReadOnlyList<string> Events => [.. _events];

    /// <summary>Gives a component a script; its steps are written down when they begin.</summary>
    public ScriptedSystem With(string name, Script script)
    {
        _scripts[name] = script;
        return this;
    }

    /// <summary>Leaves a component out.</summary>
    public ScriptedSystem Without(string name) => With(name, new Script { LoadEnabled = false });

    public Task<ComponentSystem> StartAsync(CancellationToken cancellationToken = default) =>
        ComponentSystem.StartAsync(
            _list,
            _scripts.ToDictionary(pair => pair.Key, pair => (ComponentConfig)Recorded(pair.Key, pair.Value)),
            Clock,
            Log,
            cancellationToken: cancellationToken);

    private Script Recorded(string name, Script script) => script with
    {
        Construct = context =>
        {
            _events.Enqueue($"construct {name}");
            script.Construct?.Invoke(context);
        },
        Loaded = token => Record($"load {name}", () => script.Loaded?.Invoke(token)),
        Stopping = token => Record($"stop {name}", () => script.Stopping?.Invoke(token)),
        Dispose = () => Record($"dispose {name}", () => script.Dispose?.Invoke()),
    };

    private Task Record(string happening, Func<Task?> step)
    {
        _events.Enqueue(happening);
        return step() ?? Task.CompletedTask;
    }
}
