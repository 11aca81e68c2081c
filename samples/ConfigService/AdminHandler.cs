using Microsoft.AspNetCore.Http;
using Tideway.Components;
using Tideway.Server;

namespace ConfigService;

/// <summary>The base of what only operators may ask.</summary>
internal abstract class AdminHandler(HandlerConfig config, ComponentContext context, AdminAccess access)
    : JsonHandler(config, context)
{
    protected AdminAccess Access => access;

    protected abstract Task<object?> AnswerOperatorAsync(HttpContext http);

    protected sealed override Task<object?> AnswerAsync(HttpContext http)
    {
        access.Check(http.Request);
        return AnswerOperatorAsync(http);
    }
}
