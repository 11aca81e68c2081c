using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Tideway.Components;
using Tideway.Server;

namespace ConfigService;

/// <summary>Makes changes, and shows those that were made.</summary>
internal sealed partial class ChangesHandler(
    HandlerConfig config, ComponentContext context, AdminAccess access, ChangeLog log, SchemaCatalog catalog)
    : AdminHandler(config, context, access), INamedComponent
{
    private const int LongestComment = 1000;
    private const int LongestPage = 500;
    private const int UsualPage = 50;

    public static string ComponentName => "changes-handler";

    protected override async Task<object?> AnswerOperatorAsync(HttpContext http) =>
        HttpMethods.IsGet(http.Request.Method)
            ? Show(http.Request)
            : Make(await ReadBodyAsync<ChangeRequest>(http.Request), http.Request);

    private object Show(HttpRequest request)
    {
        long before = Number(request, "before", 1, long.MaxValue, long.MaxValue);
        int limit = (int)Number(request, "limit", 1, LongestPage, UsualPage);
        List<Change> changes = log.History(request.Query["name"], request.Query["scope"], before, limit);
        return new { Changes = changes, Next = changes.Count == limit ? changes[^1].Revision : (long?)null };
    }

    private Change Make(ChangeRequest request, HttpRequest http)
    {
        if (request.ExpectedRevision is not { } expected)
            throw new RequestRefusedException(400, "expected_revision: expected the revision you saw, 0 for no value");
        if (request.Comment.Length > LongestComment)
            throw new RequestRefusedException(400, $"comment: expected up to {LongestComment} characters");
        bool hasValue = request.Value.ValueKind != JsonValueKind.Undefined;
        if ((hasValue ? 1 : 0) + (request.Remove ? 1 : 0) + (request.RollbackTo is null ? 0 : 1) != 1)
            throw new RequestRefusedException(400, "expected one of value, remove and rollback_to");

        Change? target = request.RollbackTo is { } revision ? Find(revision) : null;
        var change = new Change
        {
            Name = target?.Name ?? NameOf(request),
            Scope = target?.Scope ?? ScopeOf(request),
            New = target is not null ? target.New : hasValue ? new Setting(request.Value, request.KillSwitch) : null,
            Author = Access.AuthorOf(http, request.Author),
            Comment = request.Comment,
            RollbackTo = request.RollbackTo,
            Forced = request.Force,
        };
        if (change.New is { } setting && !request.Force) Check(change, setting);
        return log.Append(change, expected);
    }

    private void Check(Change change, Setting setting)
    {
        IReadOnlyList<Problem> problems =
            SchemaCatalog.Check(catalog.Read(), change.Name, change.Scope, setting.Value);
        if (problems.Count > 0)
            throw new RequestRefusedException(422, $"{change.Name} cannot have this value", new { problems });
    }

    private Change Find(long revision) => revision < long.MaxValue
        && log.History(null, null, revision + 1, 1) is [{ } row] && row.Revision == revision
            ? row
            : throw new RequestRefusedException(404, $"there is no revision {revision}");

    private static string NameOf(ChangeRequest request) => request.Name is { } name && VariableName().IsMatch(name)
        ? name
        : throw new RequestRefusedException(400, "name: expected that of a variable, such as MAX_ROOMS");

    private static string ScopeOf(ChangeRequest request) => request.Scope is { } scope && Scope.IsValid(scope)
        ? scope
        : throw new RequestRefusedException(400, "scope: expected all, service:NAME or stage:NAME");

    private static long Number(HttpRequest request, string key, long least, long greatest, long otherwise)
    {
        if (request.Query[key] is not [{ } text]) return otherwise;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number >= least && number <= greatest
                ? number
                : throw new RequestRefusedException(400, $"{key}: expected a number from {least} to {greatest}");
    }

    [GeneratedRegex(@"^[A-Z][A-Z0-9_]{0,199}\z")]
    private static partial Regex VariableName();
}
