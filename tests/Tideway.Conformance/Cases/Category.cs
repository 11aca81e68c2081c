namespace Tideway.Conformance.Cases;

/// <summary>Cases that belong together. Immutable.</summary>
internal sealed class Category
{
    public Category(string key, string title, params IEnumerable<IEnumerable<Case>> families)
    {
        (Key, Title) = (key, title);
        Cases = [.. families.SelectMany(family => family)
            .Select((item, index) => item with { Id = $"{key}-{index + 1:000}" })];
    }

    /// <summary>What the names of its cases begin with.</summary>
    public string Key { get; }

    public string Title { get; }

    public IReadOnlyList<Case> Cases { get; }
}
