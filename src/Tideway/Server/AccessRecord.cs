using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Tideway.Observability;

namespace Tideway.Server;

/// <summary>What an access log tells of one request, in two forms.
/// Cookies and bodies are secrets: <c>-</c> stands for them.</summary>
/// <param name="Request">The request.</param>
/// <param name="Status">How it was answered.</param>
/// <param name="Bytes">How many bytes the body of the answer has.</param>
/// <param name="Time">When, in local time.</param>
/// <param name="Duration">How long it took.</param>
internal readonly record struct AccessRecord(
    HttpRequest Request, int Status, long Bytes, DateTimeOffset Time, TimeSpan Duration)
{
    private const string Nothing = "-";

    private string Url => Request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget ?? Request.Path;

    private string Peer => Request.HttpContext.Connection.RemoteIpAddress?.ToString() ?? Nothing;

    /// <summary>Makes the line of <c>logger_access</c>.</summary>
    public string ToPlainText()
    {
        IHeaderDictionary headers = Request.Headers;
        string seconds = Duration.TotalSeconds.ToString("F6", CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"[{Time:yyyy-MM-dd HH:mm:ss.ffffff zzz}] {Quote(headers.Host)} {Peer} "
            + $"\"{Quote(Request.Method)} {Quote(Url)} {Quote(Request.Protocol)}\" {Status} "
            + $"\"{Quote(headers.Referer)}\" \"{Quote(headers.UserAgent)}\" \"{Nothing}\" "
            + $"{seconds} - {Bytes} {seconds}");
    }

    /// <summary>Makes the line of <c>logger_access_tskv</c>.</summary>
    /// <param name="shown">The headers whose values may be seen; null to leave out all headers.</param>
    public LogLine ToTskv(IReadOnlyList<string>? shown = null)
    {
        IHeaderDictionary headers = Request.Headers;
        string seconds = Duration.TotalSeconds.ToString("F3", CultureInfo.InvariantCulture);
        LogLineWriter line = LogLineWriter.Start(LogFormat.Raw);
        line.Add("timestamp"u8, Time.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture));
        line.Add("timezone"u8, Time.ToString("zzz", CultureInfo.InvariantCulture));
        line.Add("status"u8, Status.ToString(CultureInfo.InvariantCulture));
        line.Add("protocol"u8, Request.Protocol);
        line.Add("method"u8, Request.Method);
        line.Add("request"u8, Url);
        line.Add("referer"u8, OrNothing(headers.Referer));
        line.Add("cookies"u8, Nothing);
        line.Add("user_agent"u8, OrNothing(headers.UserAgent));
        line.Add("vhost"u8, OrNothing(headers.Host));
        line.Add("ip"u8, Peer);
        line.Add("x_forwarded_for"u8, OrNothing(headers["X-Forwarded-For"]));
        line.Add("x_real_ip"u8, OrNothing(headers["X-Real-IP"]));
        line.Add("upstream_http_x_yarequestid"u8, Nothing);
        line.Add("http_host"u8, OrNothing(headers.Host));
        line.Add("remote_addr"u8, Peer);
        line.Add("request_time"u8, seconds);
        line.Add("upstream_response_time"u8, seconds);
        line.Add("request_body"u8, Nothing);
        if (shown is not null)
        {
            line.Add("request_headers"u8, ToJson(headers, shown));
            line.Add("response_headers"u8, ToJson(Request.HttpContext.Response.Headers, shown));
        }

        return line.Finish();
    }

    private static string ToJson(IHeaderDictionary headers, IReadOnlyList<string> shown) =>
        JsonSerializer.Serialize(headers.OrderBy(header => header.Key, StringComparer.Ordinal).ToDictionary(
            header => header.Key,
            header => shown.Contains(header.Key, StringComparer.OrdinalIgnoreCase) ? header.Value.ToString() : "***"));

    private static string OrNothing(StringValues values) =>
        StringValues.IsNullOrEmpty(values) ? Nothing : values.ToString();

    /// <summary>Escapes all but the plain characters of ASCII,
    /// so that neither a quote nor a line can be forged.</summary>
    private static string Quote(StringValues values)
    {
        string text = OrNothing(values);
        if (text.All(IsPlain)) return text;
        var quoted = new StringBuilder();
        foreach (byte each in Encoding.UTF8.GetBytes(text))
        {
            if (IsPlain((char)each)) quoted.Append((char)each);
            else quoted.Append(CultureInfo.InvariantCulture, $"\\x{each:X2}");
        }

        return quoted.ToString();
    }

    private static bool IsPlain(char c) => c is >= ' ' and < '\x7f' and not '"' and not '\\';
}
