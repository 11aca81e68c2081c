using System.Globalization;

namespace Tideway.Observability;

/// <summary>A value of a metric: a whole number as long as nothing made it another one.</summary>
internal readonly record struct MetricNumber
{
    private readonly long _whole;
    private readonly double _real;
    private readonly bool _isReal;

    /// <summary>Makes a whole number.</summary>
    public MetricNumber(long value) => _whole = value;

    /// <summary>Makes any number.</summary>
    public MetricNumber(double value) => (_real, _isReal) = (value, true);

    /// <summary>The number, of which a large whole one loses its last digits.</summary>
    public double Value => _isReal ? _real : _whole;

    public static MetricNumber operator +(MetricNumber a, MetricNumber b) =>
        a._isReal || b._isReal ? new(a.Value + b.Value) : new(a._whole + b._whole);

    /// <summary>Writes the number as JSON and Prometheus have it, if it is finite.</summary>
    public override string ToString() => _isReal
        ? _real.ToString("R", CultureInfo.InvariantCulture)
        : _whole.ToString(CultureInfo.InvariantCulture);
}
