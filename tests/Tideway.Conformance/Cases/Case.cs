namespace Tideway.Conformance.Cases;

/// <summary>One thing that the RFC demands: what to send, and what must be seen then. Immutable.</summary>
/// <param name="Section">Where the RFC says so, such as <c>5.5.2</c>; in RFC 6455 unless it names another.</param>
/// <param name="Title">What must hold, as a sentence.</param>
/// <param name="Write">Writes the script.</param>
/// <param name="On">What the end under test does with its connection; null to echo.</param>
/// <param name="Roles">For whom it holds.</param>
internal sealed record Case(
    string Section, string Title, Action<Script> Write, Profile? On = null, Roles Roles = Roles.Both)
{
    /// <summary>A name that is unique, such as <c>close-017</c>.</summary>
    public string Id { get; init; } = "";

    /// <summary>Whether the script itself opens the connection, rightly or wrongly.</summary>
    public bool OpensItself { get; init; }

    /// <summary>What a client offers, or a server answers, about permessage-deflate; null for nothing.</summary>
    public string? Extension { get; init; }

    /// <summary>What the end under test does with its connection.</summary>
    public Profile Profile => On ?? Profile.Echo;
}
