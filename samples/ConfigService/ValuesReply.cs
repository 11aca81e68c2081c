using System.Text.Json;

namespace ConfigService;

/// <summary>What a service is answered.</summary>
internal sealed record ValuesReply
{
    /// <summary>The values, or those that have changed.</summary>
    public Dictionary<string, JsonElement> Configs { get; } = [];

    /// <summary>The moment of the last change. Clients compare it as text, and send it back.</summary>
    public required string UpdatedAt { get; init; }

    /// <summary>The variables that have had a value before, and have none now.</summary>
    public List<string> Removed { get; } = [];

    /// <summary>The kill switches among the values.</summary>
    public List<string> KillSwitchesEnabled { get; } = [];

    /// <summary>Those among them whose value does not count.</summary>
    public List<string> KillSwitchesDisabled { get; } = [];

    /// <summary>Adds what a variable is for a client.</summary>
    /// <param name="name">The variable.</param>
    /// <param name="setting">The strongest setting of the client's scopes; null for none.</param>
    /// <param name="isUpdate">Whether the client is to be told that there is none.</param>
    public void Add(string name, Setting? setting, bool isUpdate)
    {
        if (setting is not null)
        {
            Configs[name] = setting.Value;
            if (setting.KillSwitch is { } state)
                (state == KillSwitch.Enabled ? KillSwitchesEnabled : KillSwitchesDisabled).Add(name);
        }
        else if (isUpdate)
        {
            Removed.Add(name);
        }
    }
}
