using Compare.Experiments;
using Compare.Peers;

namespace Compare.Reports;

/// <summary>All that a report tells.</summary>
/// <param name="Machine">Where and when it was measured.</param>
/// <param name="Settings">What was measured.</param>
/// <param name="Experiments">The experiments, in their order.</param>
/// <param name="Peers">The peers, in the order of the tables.</param>
/// <param name="Comparison">What was found.</param>
/// <param name="Notes">What is missing, and why.</param>
public sealed record Report(
    Machine Machine,
    Settings Settings,
    IReadOnlyList<Experiment> Experiments,
    IReadOnlyList<Peer> Peers,
    Comparison Comparison,
    IReadOnlyList<string> Notes)
{
    private const double Quiet = 0.3;

    private string Figure =>
        Settings.Repeats == 1 ? "one measurement" : $"the median of {Settings.Repeats} measurements";

    /// <summary>Describes the machine and the run, a name and a value each.</summary>
    public IEnumerable<(string Name, string Value)> Facts() =>
    [
        ("Processor", FormattableString.Invariant($"{Machine.Cpu}, {Machine.Cores} cores, {Machine.MemoryGiB} GiB")),
        ("Kernel", Machine.Kernel),
        ("SDK", $"{Machine.Sdk} ({Machine.Runtime}); Node {Machine.Node}"),
        ("Commit", Machine.Commit),
        ("Command", $"`{Machine.Command}`"),
        ("Date", Machine.Date),
        ("Each figure", $"{Figure} of {Settings.Duration} s after {Settings.Warmup} s of the same load"),
    ];

    /// <summary>Tells what a reader has to know before believing the figures.</summary>
    public IEnumerable<string> Warnings()
    {
        if (Machine.LoadBefore > Quiet)
        {
            yield return FormattableString.Invariant(
                $"The machine was not quiet: its load average was {Machine.LoadBefore:0.00} before the run.");
        }

        foreach (string note in Notes) yield return note;
        foreach (string failure in Comparison.Failures) yield return $"Failed: {failure}";
    }
}
