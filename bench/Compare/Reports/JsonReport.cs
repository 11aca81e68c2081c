using System.Text.Encodings.Web;
using System.Text.Json;

namespace Compare.Reports;

/// <summary>Writes everything that was found, for other programs.</summary>
public static class JsonReport
{
    private static readonly JsonSerializerOptions _options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the report as one JSON object.</summary>
    public static string Write(Report report) => JsonSerializer.Serialize(
        new
        {
            report.Machine,
            report.Settings,
            Peers = report.Peers.Select(peer => new { peer.Key, peer.Title, peer.Description }),
            Experiments = report.Experiments.Select(one =>
                new { one.Key, one.Title, one.Unit, one.Method, one.CellTitle, one.Cells }),
            report.Comparison.Samples,
            Warnings = report.Warnings(),
        },
        _options) + "\n";
}
