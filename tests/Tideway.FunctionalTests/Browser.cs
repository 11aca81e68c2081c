using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tideway.FunctionalTests;

/// <summary>A Chromium without a window, driven over its DevTools protocol.</summary>
internal static class Browser
{
    private const string Announcement = "DevTools listening on ";

    private static readonly string? _program =
        new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }
            .FirstOrDefault(File.Exists);

    public static bool IsInstalled => _program is not null;

    /// <summary>Opens a page, runs a script in it, and answers the text that its promise is resolved with.</summary>
    public static async Task<string> VisitAsync(Uri page, string script, CancellationToken patience)
    {
        string profile = Directory.CreateTempSubdirectory("tideway-").FullName;
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
            "--remote-debugging-port=0", $"--user-data-dir={profile}", page.ToString(),
        ];
        using Process process =
            Process.Start(new ProcessStartInfo(_program!, arguments) { RedirectStandardError = true })!;
        try
        {
            using var tools = new ClientWebSocket();
            await tools.ConnectAsync(await FindPageAsync(process.StandardError, page, patience), patience);
            string seen = await EvaluateAsync(tools, script, patience);
            await SendAsync(tools, new { id = 2, method = "Browser.close" }, patience);
            await process.WaitForExitAsync(patience);
            return seen;
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(profile, recursive: true);
        }
    }

    private static async Task<Uri> FindPageAsync(StreamReader output, Uri page, CancellationToken patience)
    {
        string line;
        do line = await output.ReadLineAsync(patience) ?? throw new IOException("The browser has ended.");
        while (!line.StartsWith(Announcement, StringComparison.Ordinal));

        using var http = new HttpClient();
        var list = new Uri($"http://{new Uri(line[Announcement.Length..]).Authority}/json");
        while (true)
        {
            JsonArray? targets = await http.GetFromJsonAsync<JsonArray>(list, patience);
            if (targets?.FirstOrDefault(target => (string?)target!["url"] == page.ToString()) is { } target)
                return new Uri((string)target["webSocketDebuggerUrl"]!);
        }
    }

    private static async Task<string> EvaluateAsync(ClientWebSocket tools, string script, CancellationToken patience)
    {
        var parameters = new { expression = script, awaitPromise = true };
        var call = new { id = 1, method = "Runtime.evaluate", @params = parameters };
        byte[] answer = new byte[100_000];
        JsonNode told;
        do
        {
            await SendAsync(tools, call, patience);
            WebSocketReceiveResult received = await tools.ReceiveAsync(answer, patience);
            told = JsonNode.Parse(answer.AsSpan(0, received.Count))!;
        }
        while (told["error"] is not null); // The script ran in the empty page that was there before.

        return (string?)told["result"]!["result"]!["value"] ?? told.ToJsonString();
    }

    private static async Task SendAsync(ClientWebSocket tools, object call, CancellationToken patience) =>
        await tools.SendAsync(JsonSerializer.SerializeToUtf8Bytes(call), WebSocketMessageType.Text, true, patience);
}
