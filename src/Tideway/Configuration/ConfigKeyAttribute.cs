namespace Tideway.Configuration;

/// <summary>Names the key of an option, or the value of an enum member, where kebab-case of the C# name is not
/// it.</summary>
/// <param name="key">The key, such as <c>max_connections</c>.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class ConfigKeyAttribute(string key) : Attribute
{
    /// <summary>The key.</summary>
    public string Key { get; } = key;
}
