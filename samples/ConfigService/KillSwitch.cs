namespace ConfigService;

/// <summary>Whether the value of a kill switch counts.</summary>
internal enum KillSwitch
{
    /// <summary>It does.</summary>
    Enabled,

    /// <summary>It does not: services use their own defaults.</summary>
    Disabled,
}
