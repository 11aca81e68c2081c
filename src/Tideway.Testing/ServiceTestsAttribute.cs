using System.Reflection;
using Tideway.Testing.Lifetime;
using Xunit;
using Xunit.v3;

namespace Tideway.Testing;

/// <summary>Ends each test for the fixtures that it used: they reset the service, look for leaks, and print the log of
/// a test that failed.</summary>
/// <remarks>The package adds it to the assembly of whoever refers to it; nobody has to write it.</remarks>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class ServiceTestsAttribute : BeforeAfterTestAttribute
{
    /// <inheritdoc/>
    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        var registry = FixtureRegistry.Of(TestContext.Current);
        registry.Begin(test.UniqueID);
        foreach (ServiceFixture fixture in registry.Fixtures.Keys) fixture.Begin(test.UniqueID);
    }

    /// <inheritdoc/>
    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        Task.Run(() => EndAsync(test.UniqueID)).GetAwaiter().GetResult();
    }

    private static async Task EndAsync(string testId)
    {
        var registry = FixtureRegistry.Of(TestContext.Current);
        registry.End(testId);
        List<TestEnd> ends = [.. registry.Ends.Where(end => end.TestId == testId)];
        foreach (ServiceFixture fixture in registry.Fixtures.Keys)
            if (await fixture.LeaveAsync(testId) is { } end) ends.Add(end);
        string[] problems = [.. ends.SelectMany(end => end.Problems)];
        if (problems.Length > 0 || TestContext.Current.TestState?.Result == TestResult.Failed)
            foreach (TestEnd end in ends) TestContext.Current.TestOutputHelper?.WriteLine(end.Log);
        if (problems.Length > 0) throw new ServiceTestException(problems);
    }
}
