namespace Tideway.Configuration;

/// <summary>Says where the variables of a static config come from.</summary>
public sealed class ConfigLoadOptions
{
    /// <summary>The file of variables that replaces the one named by the <c>config_vars</c> key.</summary>
    /// <remarks>Defaults to null: the <c>config_vars</c> key decides.</remarks>
    public string? VarsPath { get; init; }

    /// <summary>A file whose top-level keys replace those of the variables.</summary>
    /// <remarks>Defaults to null: nothing is replaced.</remarks>
    public string? VarsOverridePath { get; init; }

    /// <summary>The look-up of environment variables, null for those that are not set.</summary>
    /// <remarks>Defaults to the environment of the process.</remarks>
    public Func<string, string?> EnvironmentVariable { get; init; } = Environment.GetEnvironmentVariable;
}
