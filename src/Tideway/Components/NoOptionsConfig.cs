namespace Tideway.Components;

/// <summary>Holds the options common to all components, for one whose constructor takes no config.</summary>
public sealed record NoOptionsConfig : ComponentConfig;
