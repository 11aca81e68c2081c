using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Components;

namespace ConfigService;

internal sealed record ChangeLogConfig : ComponentConfig
{
    [Range(1, 1_000_000)]
    [Description("How many settings there may be, removed ones included, since clients are told of what is removed.")]
    public int MaxSettings { get; init; } = 10_000;

    [Range(1, int.MaxValue)]
    [Description("How many characters of JSON all values may have together; a client may ask for all of them at once.")]
    public int MaxTotalSize { get; init; } = 8 * 1024 * 1024;
}
