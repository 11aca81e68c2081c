using Tideway.Testing.Logs;

namespace Tideway.Testing.Tests.Logs;

public sealed class LogRowTests
{
    [Fact]
    public void A_line_is_read_with_its_escapes()
    {
        string[] pairs =
        [
            "tskv", "timestamp=2026-01-31T12:00:00.000000", "level=INFO", "module=chat", @"text=a\tb\\c\nd",
            @"odd\=key=1=2", "empty=", @"u=\u001b[",
        ];
        LogRow row = LogRow.Parse(string.Join('\t', pairs));
        Assert.Equal(("INFO", "chat", "a\tb\\c\nd"), (row.Level, row.Module, row.Text));
        Assert.Equal(("1=2", "", "\u001b["), (row["odd=key"], row["empty"], row["u"]));
        Assert.Null(row["nothing"]);
        Assert.True(row.Has(("level", "INFO"), ("empty", "")));
        Assert.False(row.Has(("level", "INFO"), ("nothing", "")));
    }
}
