using System.Collections;

namespace Tideway.Configuration;

/// <summary>Binds one section: walks the nodes and the record's options side by side.</summary>
/// <remarks>A value that does not fit is reported and bound as null; binding goes on with the next.</remarks>
internal sealed class SectionBinding(ICollection<ConfigProblem> problems)
{
    public IReadOnlyList<object> BindRecords(IReadOnlyList<ConfigRecord> records, ConfigNode node)
    {
        object[] instances = [.. records.Select(record => record.CreateDefault())];
        if (AsMap(node) is not { } map)
            return instances;

        int problemsBefore = problems.Count;
        foreach ((ConfigRecord record, object instance) in records.Zip(instances))
        {
            foreach (ConfigOption option in record.Options)
                BindOption(option, map, instance);
        }
        ReportUnknownKeys(map, [.. records.SelectMany(record => record.Options).Select(option => option.Key)]);
        if (problems.Count == problemsBefore)
        {
            foreach (IValidatableConfig instance in instances.OfType<IValidatableConfig>())
                instance.Validate(new ConfigValidation(map, problems));
        }
        return instances;
    }

    /// <summary>Binds a value that is no option of a record.</summary>
    /// <returns>The value; not to be used when a problem was reported.</returns>
    public object? BindVariable(OptionType type, ConfigNode node, OptionRange? range)
    {
        if (!node.IsNull)
            return BindValue(type, node, range);
        ReportUnexpected(node, type.Expectation);
        return null;
    }

    private ConfigMap? AsMap(ConfigNode node)
    {
        if (node is ConfigMap map)
            return map;
        if (node.IsNull)
            return new ConfigMap(node.KeyPath, node.Location, []);
        ReportUnexpected(node, "a map");
        return null;
    }

    private void BindOption(ConfigOption option, ConfigMap map, object record)
    {
        ConfigEntry? entry = map.Find(option.Key);
        if (entry?.Value is { IsNull: false } node)
        {
            if (BindValue(option.Type, node, option.Range) is { } value && IsLengthRight(option, node, value))
                option.Set(record, value);
        }
        else if (option.IsRequired)
        {
            string reason = entry?.MissingReason is { } why ? $"field is missing: {why}" : "field is missing";
            Report(
                entry?.Location ?? map.Location,
                map.KeyPath.Key(option.Key),
                $"{reason}, expected {option.Type.Expectation}");
        }
    }

    private object? BindValue(OptionType type, ConfigNode node, OptionRange? range) => type.Kind switch
    {
        _ when node is UnreadableNode => null,
        OptionKind.Raw => node,
        OptionKind.Record => BindRecords([type.Record!], node)[0],
        OptionKind.List => BindList(type.Element!, node, range),
        OptionKind.Map => BindMap(type.Element!, node, range),
        _ => BindScalar(type, node, range),
    };

    private object? BindScalar(OptionType type, ConfigNode node, OptionRange? range)
    {
        string? text = node is ConfigScalar { IsNull: false } scalar && scalar.MayBe(type.Kind)
            ? TextOf(scalar, type.Kind)
            : null;
        object? value = text is null ? null : ScalarReader.Read(text, type);
        if (value is null)
            ReportUnexpected(node, type.Expectation + NearestName.Hint(text ?? "", type.EnumValues.Keys));
        else if (range?.Contains(value) == false)
            ReportUnexpected(node, range.Describe());
        return value;
    }

    // In JSON a duration is a number, and its name tells the unit.
    private static string TextOf(ConfigScalar scalar, OptionKind kind) =>
        kind == OptionKind.Duration
            && scalar is { Form: ScalarForm.Number or ScalarForm.String, KeyPath.Unit: { } unit }
            && scalar.Value.All(char.IsAsciiDigit)
            ? scalar.Value + unit
            : scalar.Value;

    private Array? BindList(OptionType element, ConfigNode node, OptionRange? range)
    {
        if (node is not ConfigList list)
        {
            ReportUnexpected(node, "a list");
            return null;
        }

        var items = Array.CreateInstance(element.ClrType, list.Items.Count);
        for (int i = 0; i < items.Length; i++)
            items.SetValue(BindValue(element, list.Items[i], range), i);
        return items;
    }

    private IDictionary? BindMap(OptionType element, ConfigNode node, OptionRange? range)
    {
        if (AsMap(node) is not { } map)
            return null;
        Type type = typeof(Dictionary<,>).MakeGenericType(typeof(string), element.ClrType);
        var values = (IDictionary)Activator.CreateInstance(type)!;
        foreach (ConfigEntry entry in map.Entries)
        {
            if (entry.Value is null)
                Report(entry.Location, map.KeyPath.Key(entry.Key), $"value is missing: {entry.MissingReason}");
            else if (BindValue(element, entry.Value, range) is { } value)
                values.Add(entry.Key, value);
        }
        return values;
    }

    private bool IsLengthRight(ConfigOption option, ConfigNode node, object value)
    {
        (int length, string unit) = value switch
        {
            string text => (text.Length, "characters"),
            ICollection items => (items.Count, "items"),
            _ => (0, ""),
        };
        if (option.Length is null || option.Length.Contains(length))
            return true;
        Report(node.Location, node.KeyPath, $"found {length} {unit}, expected {option.Length.Describe()}");
        return false;
    }

    private void ReportUnknownKeys(ConfigMap map, IReadOnlyList<string> known)
    {
        foreach (ConfigEntry entry in map.Entries)
        {
            if (known.Contains(entry.Key))
                continue;
            string hint = NearestName.Hint(entry.Key, known);
            string message = hint.Length > 0 ? "unknown key" + hint
                : known.Count == 0 ? "unknown key, expected none here"
                : $"unknown key, expected one of {string.Join(", ", known)}";
            Report(entry.Location, map.KeyPath.Key(entry.Key), message);
        }
    }

    private void ReportUnexpected(ConfigNode node, string expected)
    {
        if (node is not UnreadableNode)
            Report(node.Location, node.KeyPath, $"found {node.Describe()}, expected {expected}");
    }

    private void Report(ConfigLocation location, ConfigPath path, string message) =>
        problems.Add(new ConfigProblem(location, path.ToString(), message));
}
