using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tideway.Components;
using Tideway.Server;

namespace ConfigService;

/// <summary>Shows the variables that services have published, or that are set: all, or one of them.</summary>
internal sealed class VariablesHandler(
    HandlerConfig config, ComponentContext context, AdminAccess access, ChangeLog log, SchemaCatalog catalog)
    : AdminHandler(config, context, access), INamedComponent
{
    public static string ComponentName => "variables-handler";

    protected override Task<object?> AnswerOperatorAsync(HttpContext http)
    {
        List<ServiceSchemas> schemas = catalog.Read();
        ILookup<string, Change> settings = log.Settings(out string updatedAt)
            .Where(setting => setting.New is not null)
            .ToLookup(setting => setting.Name);
        string[] names =
        [
            .. settings.Select(variable => variable.Key).Concat(schemas.SelectMany(each => each.Names))
                .Distinct().Order(StringComparer.Ordinal),
        ];
        if (http.GetRouteValue("name") is string name)
        {
            return Task.FromResult<object?>(names.Contains(name)
                ? Describe(name, settings[name], schemas)
                : throw new RequestRefusedException(404, $"there is no variable '{name}'"));
        }

        return Task.FromResult<object?>(new
        {
            UpdatedAt = updatedAt,
            Operator = Access.AuthorOf(http.Request),
            Services = schemas.Select(each => each.Service),
            Variables = names.Select(each => Describe(each, settings[each], schemas)),
        });
    }

    private static object Describe(string name, IEnumerable<Change> settings, List<ServiceSchemas> schemas)
    {
        var published = schemas
            .Select(each => new { each.Service, Schema = each.SchemaOf(name) })
            .Where(each => each.Schema is not null)
            .ToArray();
        return new
        {
            Name = name,
            Description = published.Select(each => Member(each.Schema!.Value, "description")).FirstOrDefault(),
            Services = published.Select(each => new
            {
                Name = each.Service,
                Default = Member(each.Schema!.Value, "default"),
                each.Schema,
            }),
            Settings = settings.OrderBy(setting => setting.Scope, StringComparer.Ordinal).Select(setting => new
            {
                setting.Scope,
                setting.New!.Value,
                setting.New.KillSwitch,
                setting.Revision,
                setting.UpdatedAt,
                setting.Author,
                setting.Comment,
                Problems = SchemaCatalog.Check(schemas, name, setting.Scope, setting.New.Value),
            }),
        };
    }

    private static JsonElement? Member(JsonElement schema, string name) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out JsonElement member) ? member : null;
}
