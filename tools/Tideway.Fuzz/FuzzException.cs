using System.Diagnostics.CodeAnalysis;

namespace Tideway.Fuzz;

/// <summary>Says that the code under test did wrong.</summary>
internal sealed class FuzzException(string message) : Exception(message)
{
    /// <summary>Throws unless something holds.</summary>
    public static void Unless([DoesNotReturnIf(false)] bool holds, string message)
    {
        if (!holds) throw new FuzzException(message);
    }

    /// <summary>Throws unless two lists have the same items.</summary>
    public static void UnlessSame(IReadOnlyList<string> expected, IReadOnlyList<string> actual, string what)
    {
        if (expected.SequenceEqual(actual)) return;
        throw new FuzzException(
            $"{what}:\n  expected: {string.Join(" | ", expected)}\n  found:    {string.Join(" | ", actual)}");
    }
}
