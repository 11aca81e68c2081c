using System.Diagnostics;

namespace Tideway.Fuzz.Running;

/// <summary>Runs one target on its corpus, and on ever new inputs that it makes of what it has, until one
/// fails.</summary>
/// <param name="target">The target.</param>
/// <param name="seed">The same seed makes the same inputs, as long as the corpus and the code are the same.</param>
/// <param name="coverage">Tells which inputs reach something new, and are to be built on; null builds on the corpus
/// alone.</param>
/// <param name="began">Is called with each input before it is run.</param>
internal sealed class FuzzRun(FuzzTarget target, int seed, Coverage? coverage = null, Action<byte[]>? began = null)
    : IDisposable
{
    private const int Recent = 32;
    private readonly Random _random = new(seed);
    private readonly List<byte[]> _inputs = [];
    private readonly Watchdog _watchdog = new(target.Name);
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private long _runs;

    /// <summary>Runs until an input fails or there was enough.</summary>
    /// <param name="isEnough">Is asked with the number of runs and their time.</param>
    /// <returns>False when an input failed.</returns>
    public bool Run(Func<long, TimeSpan, bool> isEnough)
    {
        var mutator = new Mutator(_random, target.Words);
        byte[][] known =
        [
            [], .. FuzzFolders.Read(FuzzFolders.Corpus(target.Name)),
            .. coverage is null ? [] : FuzzFolders.Read(FuzzFolders.Found(target.Name)),
        ];
        foreach (byte[] input in known)
        {
            if (!Try(input, isKnown: true)) return false;
        }

        while (!isEnough(_runs, _time.Elapsed))
        {
            byte[] input = mutator.Mutate(Pick(), Pick());
            if (!Try(input, isKnown: false)) return false;
        }

        return true;
    }

    /// <summary>Replaces the corpus by the shortest inputs that reach all that is reached, of it and of what was
    /// found.</summary>
    public void Merge()
    {
        string corpus = FuzzFolders.Corpus(target.Name);
        IOrderedEnumerable<byte[]> all = FuzzFolders.Read(corpus)
            .Concat(FuzzFolders.Read(FuzzFolders.Found(target.Name)))
            .OrderBy(input => input.Length);
        byte[][] kept = [.. all.Where(input => Reaches(input, out _))];
        if (Directory.Exists(corpus)) Directory.Delete(corpus, recursive: true);
        foreach (byte[] input in kept) FuzzFolders.Write(corpus, input);
        _inputs.AddRange(kept);
    }

    public void Dispose() => _watchdog.Dispose();

    /// <summary>Says how much was run.</summary>
    public override string ToString()
    {
        double seconds = _time.Elapsed.TotalSeconds;
        string reached = coverage is null ? "" : $", {coverage.Steps:N0} steps reached";
        return $"{target.Name}: {_runs:N0} runs in {seconds:N1} s ({_runs / seconds:N0}/s){reached}, "
            + $"{_inputs.Count:N0} inputs to build on";
    }

    private byte[] Pick() => _random.Next(2) == 0
        ? _inputs[_random.Next(_inputs.Count)]
        : _inputs[^_random.Next(1, 1 + Math.Min(Recent, _inputs.Count))];

    private bool Try(byte[] input, bool isKnown)
    {
        bool isNew = Reaches(input, out Exception? failure);
        if (failure is not null)
        {
            Report(input, failure);
            return false;
        }

        if (isKnown || isNew) _inputs.Add(input);
        if (isNew && !isKnown) FuzzFolders.Write(FuzzFolders.Found(target.Name), input);
        return true;
    }

    private bool Reaches(byte[] input, out Exception? failure)
    {
        _runs++;
        began?.Invoke(input);
        _watchdog.Begin(input);
        coverage?.Begin();
        failure = Fail(input);
        _watchdog.End();
        return coverage is not null && coverage.Look();
    }

    private Exception? Fail(byte[] input)
    {
        try
        {
            target.Run(input);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private void Report(byte[] input, Exception failure)
    {
        byte[] shortest = Shorten(input, failure);
        Console.Error.WriteLine($"{target.Name}: {Fail(shortest) ?? failure}");
        Console.Error.WriteLine(FuzzFolders.WriteFailed(target.Name, shortest));
    }

    /// <summary>Leaves out what the failure does not need: halves, quarters and so on, down to single bytes.</summary>
    private byte[] Shorten(byte[] input, Exception failure)
    {
        for (int length = input.Length / 2; length > 0; length /= 2)
        {
            for (int at = 0; at + length <= input.Length;)
            {
                byte[] without = [.. input[..at], .. input[(at + length)..]];
                if (Fail(without)?.GetType() == failure.GetType()) input = without;
                else at += length;
            }
        }

        return input;
    }
}
