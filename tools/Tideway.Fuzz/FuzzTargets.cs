using System.Text;
using Tideway.Fuzz.Targets;

namespace Tideway.Fuzz;

/// <summary>All targets.</summary>
internal static class FuzzTargets
{
    /// <summary>Those that are run when none is named.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("frames", FrameTarget.Run, [.. FrameWords, .. CloseWords]),
        new("server", MessageTarget.RunServer, [.. FrameWords, .. CloseWords, .. TextWords]),
        new("client", MessageTarget.RunClient, [.. FrameWords, .. CloseWords, .. TextWords]),
        new("deflate", DeflateTarget.Run,
        [
            [0, 1, 0], [0, 5, 0, 0xFF, 0xFF, 0, 0], [0x00, 0x00, 0xFF, 0xFF], [0x01], [0x4B, 0x04, 0x00], [0xAA, 0x00],
            [0xED, 0xC1, 0x01, 0x0D, 0x00, 0x00, 0x00, 0xC2, 0xA0], "aaaaaaaa"u8.ToArray(), "Hello, hello"u8.ToArray(),
            [1, 0], [4, 1, 0],
        ]),
        new("request", RequestTarget.Run, Words(
            "\r\n", "Sec-WebSocket-Key: ", "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13\r\n",
            "Connection: keep-alive, Upgrade\r\n", "Upgrade: websocket\r\n", "Origin: https://example.org\r\n",
            "Sec-WebSocket-Protocol: ", "chat, ", ",", "\t", " ", "Sec-WebSocket-Extensions: permessage-deflate",
            "; server_no_context_takeover", "; client_no_context_takeover", "; server_max_window_bits=", "15", "8",
            "; client_max_window_bits", "=\"10\"", ";", "=", "\"", "\\")),
        new("response", ResponseTarget.Run, Words(
            "\r\n", "\r\n\r\n", "HTTP/1.1 101 ", "HTTP/1.0 ", "Connection: Upgrade\r\n", "Upgrade: websocket\r\n",
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", "Sec-WebSocket-Protocol: chat\r\n",
            "Sec-WebSocket-Extensions: ", ": ", ":", "\t", " ", "\xFF", "Content-Length: ",
            "Transfer-Encoding: chunked\r\n", "Content-Type: text/plain\r\n", "a\r\n", "0\r\n\r\n")),
        new("config", ConfigTarget.Run, Words(
            "components_manager:", "components:", "server:", "listener:", "path: /", "port: ", "#env: ENV",
            "#fallback: ", "$name",
            "&a ", "*a", "<<: ", "---\n", "...\n", "%YAML 1.2\n", "!!str ", "|\n", ">\n", "? ", ": ", "- ",
            "\n  ", "\n    ", "[", "]", "{", "}", ", ", "\"", "'", "\\x0", "\\u0000", "# ", "~", "null", "10s", "5ms",
            "task_processors:", "worker_threads: ", "handler-ping:", "logging:", "loggers:", "default:",
            "level: info")),
    ];

    /// <summary>A target that does wrong, for the test of what finds that.</summary>
    public static FuzzTarget Broken { get; } = new(
        "broken",
        input =>
        {
            if (input.IndexOf("bug"u8) >= 0) throw new FuzzException("there is a bug in it");
        },
        Words("bug"));

    /// <summary>The names of all, for people.</summary>
    public static string Names => string.Join(", ", All.Select(target => target.Name));

    /// <summary>Finds a target, the broken one too; null if there is none.</summary>
    public static FuzzTarget? Find(string name) => All.Append(Broken).FirstOrDefault(target => target.Name == name);

    private static byte[][] FrameWords =>
    [
        [0x81, 0x80], [0x82, 0xFE], [0x82, 0xFF, 0, 0, 0, 0, 0], [0x01, 0x83], [0x80, 0x80], [0x00, 0x80], [0x89, 0x80],
        [0x8A, 0x80], [0x88, 0x82], [0x81, 0x00], [0x82, 126], [0x82, 127, 0, 0, 0, 0, 0], [0x00, 0x00], [0x01, 0x02],
        [0x80, 0x01], [0x89, 0x00], [0x88, 0x02], [0, 0, 0, 0], [0xC1], [0xFF, 0xFF],
    ];

    private static byte[][] CloseWords => [[0x03, 0xE8], [0x03, 0xED], [0x0B, 0xB8], [0x13, 0x87]];

    private static byte[][] TextWords =>
    [
        [0xC3, 0xA9], [0xE2, 0x82, 0xAC], [0xF0, 0x9F, 0x98, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90], [0xC0, 0xAF],
    ];

    private static byte[][] Words(params string[] words) => [.. words.Select(Encoding.Latin1.GetBytes)];
}
