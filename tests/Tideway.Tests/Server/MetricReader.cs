using System.Diagnostics.Metrics;

namespace Tideway.Tests.Server;

/// <summary>Reads instruments as a collector does.</summary>
internal static class MetricReader
{
    /// <summary>Adds up an instrument of the meter <c>Tideway</c>, over all that has these tags.</summary>
    public static long Read(string name, params (string Key, string Value)[] wanted)
    {
        long sum = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Tideway" && instrument.Name == name)
                listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach ((string key, string tag) in wanted)
            {
                if (!tags.Contains(new KeyValuePair<string, object?>(key, tag))) return;
            }

            sum += value;
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return sum;
    }
}
