using System.Text;
using Tideway.WebSockets.Client;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Tests.Connections;

namespace Tideway.WebSockets.Tests.Client;

/// <summary>The client against servers that refuse, and servers that answer wrongly or without end.</summary>
public abstract class RefusalTests(ClientKind kind) : IDisposable
{
    public sealed class OnLoops() : RefusalTests(ClientKind.Loop);

    public sealed class OverStreams() : RefusalTests(ClientKind.Stream);

    public sealed class OverTls() : RefusalTests(ClientKind.Tls);

    private readonly ClientFixture _client = new(kind);

    private ScriptedServer Server => _client.Server;

    [Fact]
    public async Task A_refusal_is_reported_with_its_status_and_body_and_without_the_query_of_the_address()
    {
        ConnectionFailedException failure = await _client.FailAsync(
            _ => "HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nnope.");
        Assert.Equal(403, failure.StatusCode);
        Assert.Null(failure.RetryAfter);
        Assert.Equal(
            $"The WebSocket connection to {Server.Uri.GetLeftPart(UriPartial.Path)} failed: "
            + "the server answered 403 Forbidden: nope.",
            failure.Message);
        Assert.DoesNotContain("room", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5\r\nhello\r\n8;x=1\r\n\r\n\tthere\r\n0\r\n\r\n",
        "hello there")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nnot chunked", "")]
    [InlineData("Content-Length: 0\r\n\r\n", "")]
    [InlineData("Content-Type: application/problem+json\r\nContent-Length: 2\r\n\r\n{}", "{}")]
    [InlineData("Content-Type: text/html\r\nContent-Length: 1000\r\n\r\n<html>", "")]
    [InlineData("Content-Length: 9\r\n\r\na\u001B[31m\r\nb", "a [31m b")]
    public async Task The_body_of_a_refusal_is_shown_if_it_is_for_people(string answer, string shown)
    {
        ConnectionFailedException failure =
            await _client.FailAsync(_ => "HTTP/1.1 503 Service Unavailable\r\n" + answer);
        string more = shown.Length == 0 ? "" : ": " + shown;
        Assert.EndsWith($"answered 503 Service Unavailable{more}.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_without_end_is_cut_short()
    {
        ConnectionFailedException failure =
            await _client.FailAsync(_ => "HTTP/1.1 500 Oops\r\n\r\n" + new string('x', 5000));
        Assert.EndsWith("500 Oops: " + new string('x', 200) + "….", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_does_not_come_is_not_waited_for_long()
    {
        ConnectionFailedException failure = await _client.FailAsync(
            _ => "HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nbegin");
        Assert.EndsWith("the server answered 500 Oops: begin.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_told_and_not_followed()
    {
        ConnectionFailedException failure = await _client.FailAsync(
            _ => "HTTP/1.1 302 Found\r\nLocation: https://example.org/chat?token=s3cret\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(302, failure.StatusCode);
        Assert.EndsWith(
            "302 Found and points to 'https://example.org/chat', where the client does not follow.", failure.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("120", 120)]
    [InlineData("Wed, 21 Oct 2015 07:28:00 GMT", null)]
    [InlineData("-1", null)]
    public async Task What_a_refusal_says_of_the_next_try_is_kept(string value, int? seconds)
    {
        ConnectionFailedException failure = await _client.FailAsync(
            _ => $"HTTP/1.1 429 Too Many Requests\r\nRetry-After: {value}\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(seconds is null ? null : TimeSpan.FromSeconds(seconds.Value), failure.RetryAfter);
    }

    [Theory]
    [InlineData("HTTP/1.1 101\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "Sec-WebSocket-Accept")]
    [InlineData(
        "HTTP/1.1 101\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
        "Sec-WebSocket-Accept")]
    [InlineData("HTTP/1.1 101\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", "does not upgrade to websocket")]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n", "not HTTP/1.1")]
    [InlineData("HTTP/2 101 OK\r\n\r\n", "not HTTP/1.1")]
    [InlineData("HTTP/1.0 101 Switching Protocols\r\n\r\n", "status line")]
    [InlineData("HTTP/1.1 1x1 OK\r\n\r\n", "status line")]
    public async Task A_wrong_answer_is_refused(string answer, string reason)
    {
        ConnectionFailedException failure = await _client.FailAsync(_ => answer);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.Null(failure.StatusCode);
    }

    [Theory]
    [InlineData("Sec-WebSocket-Extensions: x-mystery\r\n", "extension")]
    [InlineData("Sec-WebSocket-Protocol: v9\r\n", "subprotocol 'v9', which was not offered")]
    public async Task An_acceptance_of_what_was_not_offered_is_refused(string header, string reason)
    {
        ConnectionFailedException failure = await _client.FailAsync(
            key => ScriptedServer.Acceptance(key, header), _client.Options(subprotocols: ["v2", "v1"]));
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 101 Yes\r\nA: ", "a")]
    [InlineData("HTTP/1.1 101 Yes\r\n", "A: b\r\n")]
    [InlineData("", "HTTP/1.1 103 Early Hints\r\n\r\n")]
    public async Task A_head_without_end_is_given_up_at_16_KiB(string begin, string repeated)
    {
        int count = 16 * 1024 / repeated.Length + 1;
        ConnectionFailedException failure = await _client.FailAsync(
            _ => (begin + string.Concat(Enumerable.Repeat(repeated, count)))[..(16 * 1024)]);
        Assert.Contains("longer than 16384 bytes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interim_answers_are_passed_over()
    {
        Task<WebSocketConnection> connecting = _client.ConnectAsync();
        (_, string key) = await Server.ReadRequestAsync();
        await Server.SendAsync("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
        await Server.SendAsync(
            ScriptedServer.Acceptance(key)
            + Encoding.Latin1.GetString(RawPeer.Frame(Opcode.Text, "hello"u8, masked: false)));
        WebSocketConnection connection = await connecting;
        Assert.Equal("hello", (await connection.ReceiveAsync().AsTask().WaitAsync(ClientFixture.Patience)).ToString());
        connection.Abort();
    }

    [Fact]
    public async Task A_masked_frame_behind_the_answer_closes_with_1002()
    {
        Task<WebSocketConnection> connecting = _client.ConnectAsync();
        string answer = ScriptedServer.Acceptance((await Server.ReadRequestAsync()).Key);
        await Server.SendAsync(
            answer + Encoding.Latin1.GetString(RawPeer.Frame(Opcode.Text, "hello"u8, masked: true)));
        WebSocketConnection connection = await connecting;
        Message close = await connection.ReceiveAsync().AsTask().WaitAsync(ClientFixture.Patience);
        Assert.Equal((CloseCode.ProtocolError, CloseOrigin.Local), (close.CloseReason!.Code, close.CloseReason.Origin));
        Server.EndClient();
        await connection.Completion.WaitAsync(ClientFixture.Patience);
    }

    public void Dispose()
    {
        _client.Dispose();
        GC.SuppressFinalize(this);
    }
}
