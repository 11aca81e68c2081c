using System.Text.Json;

namespace ConfigService;

/// <summary>What a variable is set to.</summary>
/// <param name="Value">The value; it is JSON, an element of no document.</param>
/// <param name="KillSwitch">Whether it counts; null for a variable that is no kill switch.</param>
internal sealed record Setting(JsonElement Value, KillSwitch? KillSwitch);
