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
        ITestContext context = TestContext.Current;
        var registry = FixtureRegistry.Of(context);
        registry.Begin(test.UniqueID);
        foreach (ServiceFixture fixture in registry.Fixtures.Keys) fixture.Begin(test.UniqueID);

        // A test that takes longer than it may is over then, but its method runs on, and After waits for that.
        context.CancellationToken.UnsafeRegister(_ => CallOff(context, test.UniqueID), null);
    }

    /// <inheritdoc/>
    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        ITestContext context = TestContext.Current;
        FixtureRegistry.Of(context).End(test.UniqueID);
        string[] problems = End(context, test.UniqueID, context.TestState?.Result == TestResult.Failed);
        if (problems.Length > 0) throw new ServiceTestException(problems);
    }

    private static void CallOff(ITestContext context, string testId)
    {
        FixtureRegistry.Of(context).CallOff(testId);
        foreach (string problem in End(context, testId, hasFailed: true))
            context.TestOutputHelper?.WriteLine(problem);
    }

    /// <summary>Ends a test for all fixtures, and prints what they have to say if it has failed.</summary>
    /// <returns>What it has to fail for.</returns>
    private static string[] End(ITestContext context, string testId, bool hasFailed)
    {
        List<TestEnd> ends = Task.Run(() => LeaveAsync(FixtureRegistry.Of(context), testId)).GetAwaiter().GetResult();
        string[] problems = [.. ends.SelectMany(end => end.Problems)];
        if (problems.Length > 0 || hasFailed)
            foreach (TestEnd end in ends) context.TestOutputHelper?.WriteLine(end.Log);
        return problems;
    }

    private static async Task<List<TestEnd>> LeaveAsync(FixtureRegistry registry, string testId)
    {
        List<TestEnd> ends = [.. registry.Ends.Where(end => end.TestId == testId)];
        foreach (ServiceFixture fixture in registry.Fixtures.Keys)
            if (await fixture.LeaveAsync(testId) is { } end) ends.Add(end);
        return ends;
    }
}
