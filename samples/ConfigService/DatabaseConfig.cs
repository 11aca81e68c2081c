using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Components;

namespace ConfigService;

internal sealed record DatabaseConfig : ComponentConfig
{
    [Length(1, int.MaxValue), Description("The SQLite file; it is made when there is none.")]
    public required string Path { get; init; }
}
