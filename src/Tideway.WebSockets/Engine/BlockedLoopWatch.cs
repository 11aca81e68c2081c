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
            if (looks == 1) Report(_loops[i], running!);
        }
    }

    private void Report(EventLoop loop, object running)
    {
        try
        {
            _report(new BlockedLoop(loop, Describe(running), _interval));
        }
        catch (Exception)
        {
            // A report that fails must not end the process, as it would from a timer.
        }
    }

    /// <summary>Names what runs: an owner names itself; a continuation is known by the async method that it
    /// resumes.</summary>
    private static string Describe(object running) => running switch
    {
        LoopSocket { Owner: { } owner } => Describe(owner),
        Delegate { Target: Task task } => Describe(task),
        Delegate { Method: { DeclaringType: { } type } method } => NameOf(type, method.Name),
        Task task when task.GetType().GenericTypeArguments is [.., { DeclaringType: { } type } stateMachine] =>
            NameOf(type, stateMachine.Name),
        _ => running.ToString() ?? running.GetType().Name,
    };

    /// <summary>The compiler names the state machine of a method M <c>&lt;M&gt;d__1</c>, a lambda in it
    /// <c>&lt;M&gt;b__0</c>.</summary>
    private static string NameOf(Type type, string member)
    {
        while (type.Name.StartsWith('<') && type.DeclaringType is { } outer) type = outer;
        return $"{type.Name}.{member.Split('<', '>').FirstOrDefault(part => part.Length > 0)}";
    }
}
