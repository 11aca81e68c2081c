using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace Tideway.Server;

/// <summary>Holds routes to their slashes, which ASP.NET Core's routing ignores at the end of a path.</summary>
internal sealed class StrictSlashPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    public override int Order => 0;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) =>
        endpoints.Any(endpoint => endpoint.Metadata.GetMetadata<StrictSlash>() is not null);

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        for (int i = 0; i < candidates.Count; i++)
        {
            var strict = candidates[i].Endpoint.Metadata.GetMetadata<StrictSlash>();
            if (strict?.Matches(httpContext.Request.Path.Value ?? "") == false) candidates.SetValidity(i, false);
        }

        return Task.CompletedTask;
    }
}
