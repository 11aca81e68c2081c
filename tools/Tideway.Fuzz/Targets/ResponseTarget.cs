using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Tideway.WebSockets.Handshake;
using static Tideway.Fuzz.Targets.HeaderLines;

namespace Tideway.Fuzz.Targets;

/// <summary>The head of a server's answer to an opening handshake, held against the grammar of RFC 9112.</summary>
internal static partial class ResponseTarget
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
    private const string Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    private const int LongestBody = 210;
    private static readonly string[] _offered = ["chat", "v2"];

    public static void Run(ReadOnlySpan<byte> input)
    {
        string text = Encoding.Latin1.GetString(input);
        OperationStatus status = HandshakeResponse.TryParse(
            input, out HandshakeResponse? response, out string? violation);
        OperationStatus expected = Expected(text, out int length);
        FuzzException.Unless(status == expected, $"an answer is {status} and not {expected}");
        FuzzException.Unless(violation is null == status is not OperationStatus.InvalidData, "a violation has a text");
        if (status != OperationStatus.Done) return;

        FuzzException.Unless(response!.Length == length, $"a head has {response.Length} bytes and not {length}");
        FuzzException.Unless(
            HandshakeResponse.TryParse(input[..(length - 1)], out _, out _) == OperationStatus.NeedMoreData,
            "a head is complete before its end");
        (string Name, string Value)[] headers = [.. text[..(length - 4)]
            .Split("\r\n")
            .Skip(1)
            .Select(line => line.Split(':', 2))
            .Select(parts => (parts[0], parts[1].Trim(' ', '\t')))];
        foreach (string name in headers.Select(header => header.Name))
            FuzzException.UnlessSame(ValuesOf(headers, name), [.. response.Values(name)], $"the header {name}");
        CheckFlaw(response, headers);
        RefusalBody.TryRead(response, input[length..], out string body);
        FuzzException.Unless(body.Length <= LongestBody && !body.Any(char.IsControl), "a body is not one short line");
    }

    private static OperationStatus Expected(string text, out int length)
    {
        length = 0;
        const string Start = "HTTP/1.";
        int compared = Math.Min(text.Length, Start.Length);
        if (text[..compared] != Start[..compared]) return OperationStatus.InvalidData;
        if (!text.Contains("\r\n\r\n", StringComparison.Ordinal)) return OperationStatus.NeedMoreData;
        Match head = Head().Match(text);
        length = head.Length;
        return head.Success ? OperationStatus.Done : OperationStatus.InvalidData;
    }

    private static void CheckFlaw(HandshakeResponse response, (string Name, string Value)[] headers)
    {
        bool isRight = ValuesOf(headers, "Upgrade") is [var upgrade]
            && upgrade.Equals("websocket", StringComparison.OrdinalIgnoreCase)
            && Tokens(headers, "Connection").Contains("upgrade", StringComparer.OrdinalIgnoreCase)
            && ValuesOf(headers, "Sec-WebSocket-Accept") is [Accept]
            && Tokens(headers, "Sec-WebSocket-Extensions").All(token => token.Length == 0)
            && ValuesOf(headers, "Sec-WebSocket-Protocol") is [] or ["chat"] or ["v2"];
        string? flaw = response.FindFlaw(Key, _offered, out string? subprotocol);
        FuzzException.Unless(flaw is null == isRight, $"an answer {(isRight ? "is right" : "is wrong")}: {flaw}");
        FuzzException.Unless(
            flaw is not null || subprotocol == ValuesOf(headers, "Sec-WebSocket-Protocol").FirstOrDefault(),
            "the wrong protocol was chosen");
    }

    [GeneratedRegex(
        @"\A(?!HTTP/1\.0 101)HTTP/1\.[01] [1-5][0-9]{2}( [\t\x20-\x7E\x80-\xFF]*)?"
        + @"(\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7E\x80-\xFF]*)*\r\n\r\n")]
    private static partial Regex Head();
}
