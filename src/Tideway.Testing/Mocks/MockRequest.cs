using System.Text;
using System.Text.Json.Nodes;

namespace Tideway.Testing.Mocks;

/// <summary>A request that the service has sent to a mock. Immutable.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path.</param>
/// <param name="Query">The query, with its question mark; empty for none.</param>
/// <param name="Headers">The headers.</param>
/// <param name="Body">The body.</param>
public sealed record MockRequest(
    string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The body as JSON.</summary>
    /// <exception cref="System.Text.Json.JsonException">It is none.</exception>
    public JsonNode? Json => JsonNode.Parse(Body);

    /// <summary>Names the request as failures do.</summary>
    public override string ToString() => $"{Method} {Path}{Query}";
}
