namespace Tideway.WebSockets.Engine;

/// <summary>Looks once in a while whether each loop got on since the last look, and reports those that did not, once
/// each.</summary>
internal sealed class BlockedLoopWatch : IDisposable
{
    private readonly EventLoop[] _loops;
    private readonly TimeSpan _interval;
    private readonly Action<BlockedLoop> _report;
    private readonly (long Turn, int Looks)[] _last;
    private readonly Timer _timer;

    public BlockedLoopWatch(EventLoop[] loops, TimeSpan interval, Action<BlockedLoop> report)
    {
        (_loops, _interval, _report) = (loops, interval, report);
        _last = new (long, int)[loops.Length];
        _timer = new Timer(static watch => ((BlockedLoopWatch)watch!).Look(), this, interval, interval);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        for (int i = 0; i < _loops.Length; i++)
        {
            (long turn, object? running) = _loops[i].Progress;
            int looks = running is not null && turn == _last[i].Turn ? _last[i].Looks + 1 : 0;
            _last[i] = (turn, looks);
            if (looks == 1) _report(new BlockedLoop(_loops[i], Describe(running!), _interval));
        }
    }

    /// <summary>Names what runs: an owner names itself; a continuation is known by the async method that it
    /// resumes.</summary>
    private static string Describe(object running) => running switch
    {
        Delegate { Target: { } target } => Describe(target),
        Delegate method => $"{method.Method.DeclaringType?.Name}.{method.Method.Name}",
        Task task when task.GetType().GenericTypeArguments is [.., { DeclaringType: { } type } stateMachine] =>
            $"{type.Name}.{MethodOf(stateMachine.Name)}",
        _ => running.ToString() ?? running.GetType().Name,
    };

    /// <summary>The compiler names the state machine of a method M <c>&lt;M&gt;d__1</c>.</summary>
    private static string MethodOf(string stateMachine) =>
        stateMachine.Split('<', '>') is [_, { Length: > 0 } method, ..] ? method : stateMachine;
}
