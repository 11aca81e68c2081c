namespace Tideway.Conformance.Cases;

/// <summary>All cases of the suite.</summary>
internal static class Catalog
{
    public static IReadOnlyList<Category> Categories { get; } =
    [
        new("handshake", "Opening handshake", ServerHandshakeCases.All(), ClientHandshakeCases.All()),
        new("framing", "Framing: lengths and masks", FramingCases.All()),
        new("pings", "Pings and pongs", PingCases.All()),
        new("reserved", "Reserved bits", ReservedBitCases.All()),
        new("opcodes", "Opcodes", OpcodeCases.All()),
        new("fragments", "Fragmentation", FragmentationCases.All()),
        new("splits", "Frames split into segments", SplitCases.All()),
        new("utf8", "UTF-8", Utf8Cases.All()),
        new("close", "Closing handshake", CloseCases.All()),
        new("limits", "Limits and many messages", LimitCases.All()),
        new("auto", "Automatic fragmentation", AutoFragmentationCases.All()),
        new(
            "deflate", "Compression (RFC 7692)", ServerOfferCases.All(), ClientAnswerCases.All(),
            CompressedMessageCases.All(), CompressedViolationCases.All()),
    ];

    /// <summary>Counts the cases that hold for a role.</summary>
    public static int Count(Category category, Roles roles) =>
        category.Cases.Count(item => (item.Roles & roles) != 0);
}
