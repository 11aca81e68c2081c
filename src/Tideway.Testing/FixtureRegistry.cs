using System.Collections.Concurrent;
using Tideway.Testing.Lifetime;
using Xunit;

namespace Tideway.Testing;

/// <summary>The fixtures of a test run, and the tests whose methods run now. It lives as long as the run of the
/// tests does, and is no global state.</summary>
internal sealed class FixtureRegistry
{
    private const string Key = "Tideway.Testing.FixtureRegistry";
    private readonly ConcurrentDictionary<string, bool> _running = new();
    private readonly ConcurrentDictionary<string, bool> _calledOff = new();

    /// <summary>The fixtures.</summary>
    public ConcurrentDictionary<ServiceFixture, bool> Fixtures { get; } = new();

    /// <summary>What is to be told of tests by fixtures that are gone already.</summary>
    public ConcurrentQueue<TestEnd> Ends { get; } = new();

    /// <summary>Finds that of the current test run.</summary>
    public static FixtureRegistry Of(ITestContext context) =>
        (FixtureRegistry)context.KeyValueStorage.GetOrAdd(Key, static _ => new FixtureRegistry())!;

    /// <summary>A test's method is called now.</summary>
    public void Begin(string testId) => _running[testId] = true;

    /// <summary>A test's method has returned.</summary>
    public void End(string testId) => _running.TryRemove(testId, out _);

    /// <summary>Whether a test's method runs.</summary>
    public bool IsRunning(string testId) => _running.ContainsKey(testId);

    /// <summary>A test is over, while its method may run on.</summary>
    public void CallOff(string testId) => _calledOff[testId] = true;

    /// <summary>Whether a test was called off.</summary>
    public bool IsCalledOff(string testId) => _calledOff.ContainsKey(testId);
}
