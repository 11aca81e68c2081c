using System.Diagnostics.Metrics;
using System.Globalization;

namespace Tideway.Observability;

/// <summary>What has been measured with one instrument, by tags.</summary>
/// <remarks>Safe from any thread. Measuring allocates nothing once the tags are known.</remarks>
internal sealed class MetricSeries
{
    /// <summary>How many combinations of tags are told apart.</summary>
    public const int MostTags = 2000;

    /// <summary>The bounds of durations, in seconds, whose instrument names none.</summary>
    private static readonly double[] _seconds =
        [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    /// <summary>The bounds of other values.</summary>
    private static readonly double[] _others =
        [5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    private static readonly KeyValuePair<string, object?>[] _overflow = [new("overflow", true)];

    private readonly Dictionary<KeyValuePair<string, object?>[], Cell> _cells = new(TagsComparer.Instance);
    private readonly double[] _bounds;
    private readonly bool _replaces;

    /// <summary>Begins without values.</summary>
    public MetricSeries(Instrument instrument)
    {
        Path = instrument.Name;
        IsObserved = instrument.IsObservable;
        Type type = instrument.GetType();
        Type? generic = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        Kind = generic == typeof(Counter<>) || generic == typeof(ObservableCounter<>) ? MetricKind.Rate
            : generic == typeof(Histogram<>) ? MetricKind.Histogram
            : MetricKind.Gauge;
        _replaces = generic == typeof(Gauge<>);
        _bounds = Kind == MetricKind.Histogram ? BoundsOf(instrument) : [];
    }

    /// <summary>The name of the instrument.</summary>
    public string Path { get; }

    /// <summary>The kind of its values.</summary>
    public MetricKind Kind { get; }

    /// <summary>Whether it is asked for its values, rather than told of changes.</summary>
    public bool IsObserved { get; }

    /// <summary>Takes a measurement.</summary>
    public void Record(MetricNumber value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_cells)
        {
            var cells = _cells.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
            if (!cells.TryGetValue(tags, out Cell? cell))
            {
                if (_cells.Count >= MostTags && !cells.TryGetValue(tags = _overflow, out cell)) cell = null;
                if (cell is null) cells[tags] = cell = new Cell { Buckets = new long[_bounds.Length] };
            }

            if (Kind == MetricKind.Histogram) Count(cell, value.Value);
            else cell.Sum = _replaces ? value : cell.Sum + value;
        }
    }

    /// <summary>Forgets all values, before they are asked for anew.</summary>
    public void Clear()
    {
        lock (_cells) _cells.Clear();
    }

    /// <summary>Lets all values be zero.</summary>
    public void Zero()
    {
        lock (_cells)
        {
            foreach (Cell cell in _cells.Values)
            {
                (cell.Sum, cell.Beyond) = (default, 0);
                Array.Clear(cell.Buckets);
            }
        }
    }

    /// <summary>Copies the values.</summary>
    public MetricSample[] Read()
    {
        lock (_cells)
        {
            return
            [
                .. _cells.Select(cell => new MetricSample(
                    Path,
                    LabelsOf(cell.Key),
                    Kind,
                    cell.Value.Sum,
                    Kind == MetricKind.Histogram
                        ? new MetricHistogram(_bounds, [.. cell.Value.Buckets], cell.Value.Beyond)
                        : null)),
            ];
        }
    }

    private static KeyValuePair<string, string>[] LabelsOf(KeyValuePair<string, object?>[] tags) =>
    [
        .. tags
            .Select(tag => KeyValuePair.Create(tag.Key, TextOf(tag.Value)))
            .OrderBy(label => label.Key, StringComparer.Ordinal),
    ];

    private static string TextOf(object? value) => value switch
    {
        true => "true",
        false => "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static double[] BoundsOf(Instrument instrument)
    {
        double[]? advised = instrument switch
        {
            Histogram<double> histogram => Advised(histogram.Advice),
            Histogram<float> histogram => Advised(histogram.Advice),
            Histogram<long> histogram => Advised(histogram.Advice),
            Histogram<int> histogram => Advised(histogram.Advice),
            Histogram<short> histogram => Advised(histogram.Advice),
            Histogram<byte> histogram => Advised(histogram.Advice),
            Histogram<decimal> histogram => Advised(histogram.Advice),
            _ => null,
        };
        return advised ?? (instrument.Unit == "s" ? _seconds : _others);
    }

    private static double[]? Advised<T>(InstrumentAdvice<T>? advice)
        where T : struct =>
        advice?.HistogramBucketBoundaries is { } bounds
            ? [.. bounds.Select(bound => Convert.ToDouble(bound, CultureInfo.InvariantCulture))]
            : null;

    private void Count(Cell cell, double value)
    {
        int bucket = Array.BinarySearch(_bounds, value);
        if (bucket < 0) bucket = ~bucket;
        if (bucket < _bounds.Length) cell.Buckets[bucket]++;
        else cell.Beyond++;
    }

    /// <summary>What was measured with one combination of tags.</summary>
    private sealed class Cell
    {
        public MetricNumber Sum { get; set; }

        public long Beyond { get; set; }

        public required long[] Buckets { get; init; }
    }

    /// <summary>Compares tags without copying those of a measurement.</summary>
    private sealed class TagsComparer
        : IEqualityComparer<KeyValuePair<string, object?>[]>,
            IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, KeyValuePair<string, object?>[]>
    {
        public static readonly TagsComparer Instance = new();

        public KeyValuePair<string, object?>[] Create(ReadOnlySpan<KeyValuePair<string, object?>> tags) => [.. tags];

        public bool Equals(KeyValuePair<string, object?>[]? x, KeyValuePair<string, object?>[]? y) =>
            Equals(x.AsSpan(), y!);

        public int GetHashCode(KeyValuePair<string, object?>[] tags) => GetHashCode(tags.AsSpan());

        public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> tags, KeyValuePair<string, object?>[] other)
        {
            if (tags.Length != other.Length) return false;
            for (int i = 0; i < tags.Length; i++)
                if (tags[i].Key != other[i].Key || !Equals(tags[i].Value, other[i].Value)) return false;
            return true;
        }

        public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var hash = default(HashCode);
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                hash.Add(tag.Key, StringComparer.Ordinal);
                hash.Add(tag.Value);
            }

            return hash.ToHashCode();
        }
    }
}
