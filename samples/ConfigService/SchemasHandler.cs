using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tideway.Components;
using Tideway.Server;

namespace ConfigService;

/// <summary>Takes what services publish of their variables.</summary>
internal sealed class SchemasHandler(
    HandlerConfig config, ComponentContext context, AdminAccess access, ChangeLog log, SchemaCatalog catalog)
    : AdminHandler(config, context, access), INamedComponent
{
    public static string ComponentName => "schemas-handler";

    protected override async Task<object?> AnswerOperatorAsync(HttpContext http)
    {
        string service = (string)http.GetRouteValue("service")!;
        if (!Scope.IsName(service))
            throw new RequestRefusedException(400, $"'{service}' is no name of a service");
        if (HttpMethods.IsDelete(http.Request.Method))
        {
            catalog.Remove(service);
            return new { Service = service };
        }

        ServiceSchemas schemas = catalog.Publish(service, await ReadBodyAsync<JsonElement>(http.Request));
        return new { Service = service, Variables = schemas.Names.Count(), Broken = Broken(schemas) };
    }

    /// <summary>Finds the values that the service would refuse now. They stay: it is for an operator to mend
    /// them.</summary>
    private IEnumerable<object> Broken(ServiceSchemas schemas) => log.Settings(out _)
        .Where(setting => setting.New is not null && schemas.SchemaOf(setting.Name) is not null)
        .Where(setting => Scope.ServiceOf(setting.Scope) is not { } other || other == schemas.Service)
        .Select(setting => new
        {
            setting.Name,
            setting.Scope,
            Problems = schemas.Check(setting.Name, setting.New!.Value).ToArray(),
        })
        .Where(setting => setting.Problems.Length > 0);
}
