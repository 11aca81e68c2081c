using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Tideway.DynamicConfig;
using Tideway.Testing.Hosting;
using Tideway.Testing.Mocks;

namespace Tideway.Testing.Control;

/// <summary>Values of the service's dynamic config, for the length of one test.</summary>
/// <remarks>They come to the service as in production: from a config service, which is a mock here. When a method
/// returns, the service has taken them, and every open connection with it. Variables that a test does not set have the
/// values of the static config and of the code. For one caller at a time.</remarks>
public sealed class DynamicConfigOverrides
{
    private readonly TestsControl _control;
    private readonly Action _touch;
    private readonly Lock _lock = new();
    private readonly SortedSet<string> _removed = new(StringComparer.Ordinal);
    private Dictionary<string, JsonNode?> _values = [];
    private HashSet<string>? _known;
    private int _version;

    internal DynamicConfigOverrides(TestsControl control, Action touch) => (_control, _touch) = (control, touch);

    /// <summary>Gives a variable a value until the test ends.</summary>
    /// <param name="key">The variable.</param>
    /// <param name="value">Its value, as the config service would send it.</param>
    /// <exception cref="InvalidOperationException">The service refuses it; nothing has changed.</exception>
    public Task SetAsync(DynamicConfigKey key, JsonNode? value)
    {
        ArgumentNullException.ThrowIfNull(key);
        return SetAsync(key.Name, value);
    }

    /// <summary>Gives a variable a value until the test ends.</summary>
    /// <param name="name">The variable.</param>
    /// <param name="value">Its value, as the config service would send it.</param>
    /// <exception cref="InvalidOperationException">The service does not know the variable, or refuses the value;
    /// nothing has changed.</exception>
    public async Task SetAsync(string name, JsonNode? value)
    {
        _touch();
        await CheckNameAsync(name);
        await TakeAsync(new Dictionary<string, JsonNode?>(_values) { [name] = value?.DeepClone() });
    }

    /// <summary>Gives a variable the value again that it has without the test.</summary>
    /// <param name="name">The variable.</param>
    public async Task RemoveAsync(string name)
    {
        _touch();
        var values = new Dictionary<string, JsonNode?>(_values);
        if (values.Remove(name)) await TakeAsync(values);
    }

    /// <summary>Answers the service as a config service does.</summary>
    internal Task ServeAsync(MockRequest request, HttpContext http)
    {
        JsonNode? asked = request.Json;
        var configs = new JsonObject();
        JsonObject answer;
        lock (_lock)
        {
            string updatedAt = DateTimeOffset.FromUnixTimeSeconds(_version)
                .UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            string? since = asked?["updated_since"]?.GetValue<string>();
            bool isNews = since is null || string.CompareOrdinal(since, updatedAt) < 0;
            HashSet<string>? ids = asked?["ids"]?.AsArray().Select(id => id!.GetValue<string>()).ToHashSet();
            if (isNews)
            {
                foreach ((string name, JsonNode? value) in _values)
                    if (ids is not { Count: > 0 } || ids.Contains(name)) configs[name] = value?.DeepClone();
            }

            answer = new JsonObject { ["configs"] = configs, ["updated_at"] = updatedAt };
            if (isNews && since is not null)
                answer["removed"] = new JsonArray([.. _removed.Select(name => JsonValue.Create(name))]);
        }

        return http.Response.WriteAsJsonAsync(answer);
    }

    /// <summary>Forgets the values of a test.</summary>
    internal async Task ResetAsync()
    {
        if (_values.Count > 0) await TakeAsync([]);
    }

    private async Task CheckNameAsync(string name)
    {
        if (_known is null)
        {
            JsonNode? defaults = await _control.CallAsync("get_dynamic_config_defaults", []);
            _known = [.. defaults!.AsObject().Select(variable => variable.Key)];
        }

        if (!_known.Contains(name))
        {
            throw new InvalidOperationException(
                $"The service has no variable '{name}' in its dynamic config; it has:\n"
                + string.Join('\n', _known.Order(StringComparer.Ordinal)));
        }
    }

    private async Task TakeAsync(Dictionary<string, JsonNode?> values)
    {
        Dictionary<string, JsonNode?> before = _values;
        Put(values);
        try
        {
            await _control.CallAsync("control", new JsonObject
            {
                ["invalidate_caches"] = new JsonObject
                {
                    ["update_type"] = "full",
                    ["names"] = new JsonArray(TestConfig.UpdaterName),
                },
            });
        }
        catch (InvalidOperationException)
        {
            Put(before);
            throw;
        }
    }

    private void Put(Dictionary<string, JsonNode?> values)
    {
        lock (_lock)
        {
            _removed.UnionWith(_values.Keys);
            _removed.ExceptWith(values.Keys);
            _values = values;
            _version++;
        }
    }
}
