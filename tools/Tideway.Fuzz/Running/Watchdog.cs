namespace Tideway.Fuzz.Running;

/// <summary>Ends the process when one input takes too long.</summary>
internal sealed class Watchdog : IDisposable
{
    /// <summary>The exit code of a process that hung.</summary>
    public const int HungExitCode = 3;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly string _target;
    private readonly Timer _timer;
    private byte[]? _input;
    private int _looks;

    public Watchdog(string target)
    {
        _target = target;
        _timer = new Timer(_ => Look(), null, _patience / 2, _patience / 2);
    }

    /// <summary>An input begins.</summary>
    public void Begin(byte[] input)
    {
        Volatile.Write(ref _looks, 0);
        Volatile.Write(ref _input, input);
    }

    /// <summary>It has ended.</summary>
    public void End() => Volatile.Write(ref _input, null);

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (Volatile.Read(ref _input) is not { } input || Interlocked.Increment(ref _looks) < 3) return;
        Console.Error.WriteLine(
            $"{_target}: an input takes longer than {_patience}: {FuzzFolders.WriteFailed(_target, input)}");
        Environment.Exit(HungExitCode);
    }
}
