using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Tideway.Components;

namespace ConfigService;

/// <summary>Knows the variables of services, as they have published them: the <c>schema-catalog</c>
/// component.</summary>
/// <remarks>Safe for any thread.</remarks>
internal sealed partial class SchemaCatalog(Database database, ILogger logger) : INamedComponent
{
    private const int MostServices = 1000;

    public static string ComponentName => "schema-catalog";

    /// <summary>Reads what all services have published.</summary>
    public List<ServiceSchemas> Read()
    {
        using SqliteConnection connection = database.Open();
        return connection.Query(
            "SELECT service, document FROM schemas ORDER BY service",
            row => new ServiceSchemas(row.GetString(0), JsonElement.Parse(row.GetString(1))));
    }

    /// <summary>Replaces what a service has published.</summary>
    /// <exception cref="RequestRefusedException">It is no such document.</exception>
    public ServiceSchemas Publish(string service, JsonElement document)
    {
        var schemas = new ServiceSchemas(service, document);
        using SqliteConnection connection = database.Open();
        long others = connection.Query(
            "SELECT count(*) FROM schemas WHERE service <> $service", row => row.GetInt64(0), ("$service", service))
            .Single();
        if (others >= MostServices) throw new RequestRefusedException(422, $"there are {others} services already");
        connection.Execute(
            """
            INSERT INTO schemas (service, document) VALUES ($service, $document)
            ON CONFLICT (service) DO UPDATE SET document = excluded.document
            """,
            ("$service", service),
            ("$document", document.GetRawText()));
        SchemasPublished(logger, service, schemas.Names.Count());
        return schemas;
    }

    /// <summary>Forgets a service.</summary>
    public void Remove(string service)
    {
        using SqliteConnection connection = database.Open();
        connection.Execute("DELETE FROM schemas WHERE service = $service", ("$service", service));
        SchemasRemoved(logger, service);
    }

    /// <summary>Finds out which services would refuse a value, and why.</summary>
    /// <remarks>A value for all services, or for a stage, has to suit every service that has the variable.</remarks>
    public static IReadOnlyList<Problem> Check(
        IReadOnlyList<ServiceSchemas> schemas, string name, string scope, JsonElement value)
    {
        string? service = Scope.ServiceOf(scope);
        if (service is not null && schemas.All(each => each.Service != service))
            return [new Problem(service, name, null, $"no service '{service}' has published its variables")];
        ServiceSchemas[] concerned = [.. schemas
            .Where(each => each.SchemaOf(name) is not null && each.Service == (service ?? each.Service))];
        if (concerned.Length == 0)
            return [new Problem(service, name, null, $"it is not among what {service ?? "any service"} has published")];
        return [.. concerned.SelectMany(each => each.Check(name, value))];
    }

    [LoggerMessage(2, LogLevel.Information, "Service '{Service}' has published {Count} variables")]
    private static partial void SchemasPublished(ILogger logger, string service, int count);

    [LoggerMessage(3, LogLevel.Information, "Service '{Service}' is forgotten")]
    private static partial void SchemasRemoved(ILogger logger, string service);
}
