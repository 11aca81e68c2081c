namespace Tideway.Components;

/// <summary>Is the config of a component whose constructor takes none: it has the options common to all, no more.</summary>
public sealed record NoOptionsConfig : ComponentConfig;
