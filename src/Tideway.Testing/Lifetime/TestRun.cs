namespace Tideway.Testing.Lifetime;

/// <summary>What a fixture knows of one test, or of the time between tests: what it opened, and what went
/// wrong.</summary>
/// <remarks>Safe from any thread.</remarks>
internal sealed class TestRun(string name, string? testId = null, string? collectionId = null)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ITestResource, bool> _open = [];
    private readonly List<string> _problems = [];
    private readonly List<string> _notes = [];
    private bool _hasBegun;

    /// <summary>The test's name.</summary>
    public string Name => name;

    /// <summary>Which test; null between tests.</summary>
    public string? TestId => testId;

    /// <summary>The collection of the test; null between tests.</summary>
    public string? CollectionId => collectionId;

    /// <summary>Whether a connection was opened, so that the service has to let one go.</summary>
    public bool HasConnected { get; private set; }

    /// <summary>The test's method is called now. What was open before belongs to its class, which may keep it until it
    /// is disposed itself.</summary>
    public void Begin()
    {
        lock (_lock) _hasBegun = true;
    }

    /// <summary>The test has opened something.</summary>
    public void Own(ITestResource resource)
    {
        lock (_lock)
        {
            _open[resource] = _hasBegun;
            HasConnected = true;
        }
    }

    /// <summary>The test has disposed of it.</summary>
    public void Release(ITestResource resource)
    {
        lock (_lock) _open.Remove(resource);
    }

    /// <summary>Something went wrong, for which the test has to fail.</summary>
    public void Report(string problem)
    {
        lock (_lock) _problems.Add(problem);
    }

    /// <summary>Something is to be told if the test fails.</summary>
    public void Note(string note)
    {
        lock (_lock) _notes.Add(note);
    }

    /// <summary>What is to be told. A copy.</summary>
    public IReadOnlyList<string> Notes
    {
        get
        {
            lock (_lock) return [.. _notes];
        }
    }

    /// <summary>Lists what is open.</summary>
    /// <param name="ofClass">Whether what belongs to the class is among it.</param>
    public IReadOnlyList<ITestResource> Open(bool ofClass)
    {
        lock (_lock) return [.. _open.Where(open => open.Value || ofClass).Select(open => open.Key)];
    }

    /// <summary>Takes all problems there have been until now.</summary>
    public IReadOnlyList<string> TakeProblems()
    {
        lock (_lock)
        {
            string[] problems = [.. _problems];
            _problems.Clear();
            return problems;
        }
    }

    /// <summary>Ends what is still open, and reports it.</summary>
    /// <param name="ofClass">Whether what belongs to the class is among it.</param>
    public async Task CloseAsync(bool ofClass)
    {
        foreach (ITestResource resource in Open(ofClass))
        {
            Report($"The test has left open {resource.Description}: dispose it, with `await using`, say.");
            resource.Abort();
            await resource.DisposeAsync();
        }
    }
}
