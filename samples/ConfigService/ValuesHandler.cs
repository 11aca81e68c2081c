using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tideway.Components;
using Tideway.Server;

namespace ConfigService;

/// <summary>Answers services which values they have.</summary>
internal sealed class ValuesHandler(HandlerConfig config, ComponentContext context, ChangeLog log)
    : JsonHandler(config, context), INamedComponent
{
    public static string ComponentName => "handler-config";

    protected override async Task<object?> AnswerAsync(HttpContext http) =>
        Answer(await ReadBodyAsync<ValuesRequest>(http.Request));

    private ValuesReply Answer(ValuesRequest request)
    {
        // Most clients ask every few seconds, and are told that nothing has changed.
        string updatedAt = log.UpdatedAt;
        string? since = request.UpdatedSince;
        if (since is not null && string.CompareOrdinal(since, updatedAt) >= 0)
            return new ValuesReply { UpdatedAt = updatedAt };

        string[] scopes = Scope.Of(request.Service, request.StageName);
        HashSet<string>? wanted = request.Ids is { Count: > 0 } ids ? [.. ids] : null;
        List<Change> settings = log.Settings(out updatedAt, scopes);
        var reply = new ValuesReply { UpdatedAt = updatedAt };
        foreach (IGrouping<string, Change> variable in settings.GroupBy(setting => setting.Name))
        {
            if (wanted?.Contains(variable.Key) == false) continue;

            // A change of any of its scopes may have changed what the client has.
            if (since is not null && variable.All(setting => string.CompareOrdinal(setting.UpdatedAt, since) <= 0))
                continue;
            Change? strongest = variable.Where(setting => setting.New is not null)
                .MinBy(setting => Array.IndexOf(scopes, setting.Scope));
            reply.Add(variable.Key, strongest?.New, isUpdate: since is not null);
        }

        return reply;
    }
}
