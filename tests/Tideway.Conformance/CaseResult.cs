using Tideway.Conformance.Cases;
using Tideway.Conformance.Subjects;

namespace Tideway.Conformance;

/// <summary>How a case went with one end under test. Immutable.</summary>
/// <param name="Case">The case.</param>
/// <param name="Subject">The end under test.</param>
/// <param name="Failure">What was wrong; null when it passed.</param>
/// <param name="Transcript">What went over the wire; empty when it passed.</param>
internal sealed record CaseResult(Case Case, Subject Subject, string? Failure, string Transcript)
{
    public bool Passed => Failure is null;
}
