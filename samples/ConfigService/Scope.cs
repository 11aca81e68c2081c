using System.Text.RegularExpressions;

namespace ConfigService;

/// <summary>For whom a value is: <c>all</c>, <c>stage:NAME</c> or <c>service:NAME</c>.</summary>
internal static partial class Scope
{
    public const string All = "all";
    public const string StagePrefix = "stage:";
    public const string ServicePrefix = "service:";

    /// <summary>The scopes that a client is in, the strongest first: its service, its stage, all.</summary>
    public static string[] Of(string? service, string? stage) =>
    [
        .. string.IsNullOrEmpty(service) ? [] : new[] { ServicePrefix + service },
        .. string.IsNullOrEmpty(stage) ? [] : new[] { StagePrefix + stage },
        All,
    ];

    public static bool IsValid(string scope) => scope == All || Valid().IsMatch(scope);

    public static bool IsName(string name) => Name().IsMatch(name);

    /// <summary>The service that a scope is of; null for another scope.</summary>
    public static string? ServiceOf(string scope) =>
        scope.StartsWith(ServicePrefix, StringComparison.Ordinal) ? scope[ServicePrefix.Length..] : null;

    [GeneratedRegex(@"^(stage|service):[A-Za-z0-9._-]{1,200}\z")]
    private static partial Regex Valid();

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,200}\z")]
    private static partial Regex Name();
}
