using CsCheck;
using Tideway.Load.Results;

namespace Tideway.FunctionalTests.Load;

public sealed class HistogramTests
{
    private static readonly Gen<long[]> _durations =
        Gen.OneOf(Gen.Long[0, 1000], Gen.Long[0, 1_000_000_000], Gen.Long[0, long.MaxValue]).Array[1, 200];

    [Fact]
    public void A_percentile_is_that_of_the_sorted_durations_to_half_a_percent() =>
        Gen.Select(_durations, Gen.Double[0.001, 1]).Sample((durations, share) =>
        {
            long exact = durations.Order().ElementAt((int)Math.Ceiling(share * durations.Length) - 1);
            Assert.Equal(exact, Fill(durations).ValueAt(share), exact * 0.005);
        });

    [Fact]
    public void Parts_that_were_written_and_merged_are_the_same_as_the_whole() =>
        Gen.Select(_durations, _durations).Sample((first, second) =>
        {
            var merged = new Histogram();
            foreach (Histogram part in new[] { Fill(first), Fill(second) })
                merged.Add(Histogram.FromPairs(part.ToPairs(), part.Max));
            Histogram whole = Fill([.. first, .. second]);
            Assert.Equal(whole.ToPairs(), merged.ToPairs());
            Assert.Equal((whole.Count, whole.Max), (merged.Count, merged.Max));
        });

    private static Histogram Fill(long[] durations)
    {
        var histogram = new Histogram();
        foreach (long duration in durations) histogram.Record(duration);
        return histogram;
    }
}
