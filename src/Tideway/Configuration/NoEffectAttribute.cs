namespace Tideway.Configuration;

/// <summary>Marks an option that is accepted and checked but changes nothing.</summary>
/// <param name="reason">Why, for the reference pages: a clause such as <c>there is no coroutine pool</c>.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NoEffectAttribute(string reason) : Attribute
{
    /// <summary>The reason.</summary>
    public string Reason { get; } = reason;
}
