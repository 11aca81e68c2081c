using System.ComponentModel;
using Tideway.Components;

namespace ConfigService;

internal sealed record AdminAccessConfig : ComponentConfig
{
    [Description("The names and addresses under which operators reach the page and its API; others get 403.")]
    public IReadOnlyList<string> AllowedHosts { get; init; } = ["localhost", "127.0.0.1", "[::1]"];

    [Description("The header in which a proxy in front says who the operator is. Without it operators say so "
        + "themselves, and are believed.")]
    public string? AuthorHeader { get; init; }
}
