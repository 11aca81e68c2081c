using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tideway.Configuration;

namespace Tideway.DynamicConfig;

/// <summary>Writes variables as Markdown, for reference pages.</summary>
internal static class VariableTable
{
    private static readonly JsonSerializerOptions _readable =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes a section for each variable.</summary>
    public static string For(DynamicConfigKeys keys)
    {
        var page = new StringBuilder();
        foreach (DynamicConfigKey key in keys.Distinct)
        {
            string range = key.Bounds is { } bounds ? $", {bounds.Describe()}" : "";
            page.Append($"## `{key.Name}`\n\n{key.Description}\n\n");
            page.Append($"Type: {OptionTable.NameOf(key.Type)}{range}. ");
            page.Append($"Default: `{key.DefaultJson?.ToJsonString(_readable)}`\n\n");
            if (RecordOf(key.Type) is { } record) page.Append(OptionTable.For(record)).Append('\n');
        }

        return page.ToString();
    }

    private static Type? RecordOf(OptionType type) =>
        type.Kind == OptionKind.Record ? type.ClrType : type.Element is { } element ? RecordOf(element) : null;
}
