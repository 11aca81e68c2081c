using System.Text.Json;

namespace ConfigService;

/// <summary>Why a service would refuse a value.</summary>
/// <param name="Service">The service; null when it is none in particular.</param>
/// <param name="Path">What is wrong: <c>NAME.key[0]</c>.</param>
/// <param name="Value">What is there; null when that says nothing.</param>
/// <param name="Reason">What is wrong with it.</param>
internal sealed record Problem(string? Service, string Path, JsonElement? Value, string Reason);
