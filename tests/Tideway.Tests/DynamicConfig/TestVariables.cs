using Tideway.DynamicConfig;

namespace Tideway.Tests.DynamicConfig;

/// <summary>The variables that a service made of this assembly has.</summary>
internal static class TestVariables
{
    public static readonly DynamicConfigKey<int> Count = new("TEST_COUNT", 1, "A count.") { Range = (0, 1000) };

    public static readonly DynamicConfigKey<string> Text = new("TEST_TEXT", "code", "A text.");

    public static readonly DynamicConfigKey<TimeSpan> PollMs =
        new("TEST_POLL_MS", TimeSpan.FromSeconds(1), "A period.");
}
