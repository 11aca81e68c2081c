using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ConfigService;

/// <summary>The JSON of this service: <c>snake_case</c>, and strict with what it does not know.</summary>
internal static class JsonFormat
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // it is read by people, too, and never within HTML
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>The same for what is read. It is less deep, since answers nest what they show, and no client reads more
    /// than 64 levels.</summary>
    public static readonly JsonSerializerOptions Requests = new(Options) { MaxDepth = 48 };
}
