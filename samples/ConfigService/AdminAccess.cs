using Microsoft.AspNetCore.Http;
using Tideway.Components;

namespace ConfigService;

/// <summary>Keeps pages of strangers from using an operator's browser: the <c>admin-access</c> component.</summary>
/// <remarks>Who may be an operator is for a proxy in front to say.</remarks>
internal sealed class AdminAccess(AdminAccessConfig config) : INamedComponent
{
    private const int LongestAuthor = 200;

    public static string ComponentName => "admin-access";

    /// <summary>Refuses what does not come from the page, nor from a program.</summary>
    public void Check(HttpRequest request)
    {
        // A stranger may let a name of his lead here: his page is of the same origin then.
        if (!config.AllowedHosts.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase))
        {
            throw new RequestRefusedException(
                403, $"nobody here is called '{request.Host.Host}' (admin-access.allowed-hosts)");
        }

        if (request.Headers.Origin is [{ } origin]
            && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? from) && from.Authority == request.Host.Value))
        {
            throw new RequestRefusedException(403, $"pages of {origin} have no access");
        }

        // Forms of other pages can send anything but this.
        bool hasBody = HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method);
        if (hasBody && !request.HasJsonContentType())
            throw new RequestRefusedException(415, "expected Content-Type: application/json");
    }

    /// <summary>Finds out who the operator is, as a proxy in front says; null when operators say so
    /// themselves.</summary>
    public string? AuthorOf(HttpRequest request)
    {
        if (config.AuthorHeader is not { Length: > 0 } header) return null;
        string author = request.Headers[header].ToString();
        return author.Length is > 0 and <= LongestAuthor
            ? author
            : throw new RequestRefusedException(401, $"the proxy in front did not say who you are ({header})");
    }

    /// <summary>Finds out who makes a change.</summary>
    public string AuthorOf(HttpRequest request, string? says) => AuthorOf(request)
        ?? (says?.Trim() is { Length: > 0 and <= LongestAuthor } author
            ? author
            : throw new RequestRefusedException(400, $"author: expected a name, up to {LongestAuthor} characters"));
}
