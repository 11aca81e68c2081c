using System.Text.Json.Serialization;

namespace ConfigService;

/// <summary>What a service asks for. Every part may be left out.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)] // a newer client may say more
internal sealed record ValuesRequest
{
    /// <summary>The variables; all, if there are none.</summary>
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>The moment of the last answer: only what has changed since is wanted.</summary>
    public string? UpdatedSince { get; init; }

    /// <summary>The stage of the service.</summary>
    public string? StageName { get; init; }

    /// <summary>The service, which may have values of its own.</summary>
    public string? Service { get; init; }
}
