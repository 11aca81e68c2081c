namespace Compare.Experiments;

/// <summary>One kind of echo load.</summary>
/// <param name="Payload">The length of each message, in bytes.</param>
/// <param name="Depth">How many messages each connection keeps in flight.</param>
/// <param name="Connections">How many connections there are.</param>
public sealed record EchoCell(int Payload, int Depth, int Connections)
{
    /// <summary>Names the cell in a table.</summary>
    public override string ToString() => FormattableString.Invariant($"{Size(Payload)} × {Depth} × {Connections:N0}");

    private static string Size(int bytes) => bytes % 1024 == 0 && bytes > 0 ? $"{bytes / 1024} KiB" : $"{bytes} B";
}
