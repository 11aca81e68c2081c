using CsCheck;
using Tideway.Configuration;

namespace Tideway.Tests.Configuration;

public sealed class ConfigDurationTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("15", 15_000)]
    [InlineData("250ms", 250)]
    [InlineData("30s", 30_000)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1d", 86_400_000)]
    public void Whole_numbers_with_a_unit_are_durations(string text, long milliseconds)
    {
        Assert.True(ConfigDuration.TryParse(text, out TimeSpan duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("+1s")]
    [InlineData("1.5s")]
    [InlineData("1 s")]
    [InlineData(" 1s")]
    [InlineData("1w")]
    [InlineData("1S")]
    [InlineData("1ss")]
    [InlineData("99999999999d")]
    [InlineData("99999999999999999999")]
    public void Anything_else_is_not(string text) => Assert.False(ConfigDuration.TryParse(text, out _));

    [Fact]
    public void What_is_written_reads_back() => Gen.Long[0, (long)TimeSpan.MaxValue.TotalMilliseconds].Sample(ms =>
    {
        var duration = TimeSpan.FromTicks(ms * TimeSpan.TicksPerMillisecond);
        return ConfigDuration.TryParse(ConfigDuration.Format(duration), out TimeSpan back) && back == duration;
    });

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(90, "90s")]
    [InlineData(120, "2m")]
    [InlineData(86_400, "1d")]
    public void The_largest_whole_unit_is_written(int seconds, string expected) =>
        Assert.Equal(expected, ConfigDuration.Format(TimeSpan.FromSeconds(seconds)));
}
