using Microsoft.Extensions.Logging;

namespace Tideway.Components;

/// <summary>Tells every ten seconds which components a start waits for, and who waits for whom.</summary>
internal sealed class SlowStartReport : IDisposable
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(10);

    private readonly IReadOnlyDictionary<ComponentNode, ComponentInstance> _instances;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly long _began;
    private readonly ITimer _timer;

    public SlowStartReport(
        IReadOnlyDictionary<ComponentNode, ComponentInstance> instances, TimeProvider timeProvider, ILogger logger)
    {
        _instances = instances;
        _timeProvider = timeProvider;
        _logger = logger;
        _began = timeProvider.GetTimestamp();
        _timer = timeProvider.CreateTimer(_ => Report(), state: null, _period, _period);
    }

    public void Dispose() => _timer.Dispose();

    private void Report()
    {
        // Constructors run until the last has returned, hooks only after that.
        IEnumerable<ComponentInstance> instances = _instances.Values;
        bool constructing = instances.Any(instance => instance.Stage < ComponentStage.Constructed);
        ComponentStage busy = constructing ? ComponentStage.Constructing : ComponentStage.Loading;
        _logger.StartIsSlow(
            _timeProvider.GetElapsedTime(_began),
            constructing ? "constructing" : "in their loaded hooks",
            JoinOrNone(instances.Where(instance => instance.Stage == busy).Select(instance => instance.Name)),
            JoinOrNone(instances.Where(instance => instance.Stage < busy).Select(DescribeWaiting).OfType<string>()));

        string? DescribeWaiting(ComponentInstance instance)
        {
            ComponentNode[] pending = [.. instance.Node.Dependencies.Where(other => _instances[other].Stage <= busy)];
            return pending is [] ? null : $"{instance.Name} (for {string.Join<ComponentNode>(", ", pending)})";
        }
    }

    private static string JoinOrNone(IEnumerable<string> names)
    {
        string joined = string.Join(", ", names);
        return joined.Length == 0 ? "none" : joined;
    }
}
