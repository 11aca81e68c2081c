using System.Buffers;
using System.Text;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Tests.Handshake;

public sealed class HandshakeResponseTests
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
    private const string Accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
    private const string Head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

    [Fact]
    public void Every_prefix_of_a_head_needs_more_and_the_whole_is_done()
    {
        byte[] bytes = Encoding.Latin1.GetBytes(Head + Accept + "\r\n");
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(
                OperationStatus.NeedMoreData, HandshakeResponse.TryParse(bytes.AsSpan(0, length), out _, out _));
        }

        Assert.Equal(
            OperationStatus.Done,
            HandshakeResponse.TryParse([.. bytes, 0x81, 0], out HandshakeResponse? response, out _));
        Assert.Equal(
            (101, "Switching Protocols", bytes.Length),
            (response!.StatusCode, response.ReasonPhrase, response.Length));
    }

    [Theory]
    [InlineData("XTTP")]
    [InlineData("HTTP/2.0 101 Yes\r\n\r\n")]
    [InlineData("HTTP/1.2 101 Yes\r\n\r\n")]
    [InlineData("HTTP/1.1  101 Yes\r\n\r\n")]
    [InlineData("HTTP/1.1 0101 Yes\r\n\r\n")]
    [InlineData("HTTP/1.1 10\r\n\r\n")]
    [InlineData("HTTP/1.1 999 No\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Y\0s\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Yes\r\nNo colon\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Yes\r\nBlank : before\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Yes\r\nFolded: a\r\n b: c\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Yes\r\n: nameless\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Yes\r\nA: bare\nB: feed\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Yes\r\nA: bare\rB: return\r\n\r\n")]
    public void A_head_that_is_not_strictly_HTTP_1_1_is_refused(string head)
    {
        Assert.Equal(
            OperationStatus.InvalidData,
            HandshakeResponse.TryParse(Encoding.Latin1.GetBytes(head), out _, out string? violation));
        Assert.NotNull(violation);
    }

    [Theory]
    [InlineData("HTTP/1.1 403 \r\n\r\n")]
    [InlineData("HTTP/1.1 403\r\n\r\n")]
    [InlineData("HTTP/1.0 403 Non\xE9\r\nA:\r\nB:\t x \t\r\n\r\n")]
    public void A_head_may_leave_out_what_is_optional(string head) =>
        Assert.Equal(403, Parse(head).StatusCode);

    [Theory]
    [InlineData("HTTP/1.1 101\r\nConnection: Upgrade\r\n" + Accept, "does not upgrade")]
    [InlineData("HTTP/1.1 101\r\nConnection: Upgrade\r\nUpgrade: websocket, h2c\r\n" + Accept, "does not upgrade")]
    [InlineData("HTTP/1.1 101\r\nUpgrade: websocket\r\n" + Accept, "Connection")]
    [InlineData("HTTP/1.1 101\r\nUpgrade: websocket\r\nConnection: close\r\n" + Accept, "Connection")]
    [InlineData(Head, "Sec-WebSocket-Accept")]
    [InlineData(Head + Accept + Accept, "Sec-WebSocket-Accept")]
    [InlineData(Head + "Sec-WebSocket-Accept: S3PPLMBITXAQ9KYGZZHZRBK+XOO=\r\n", "Sec-WebSocket-Accept")]
    [InlineData(Head + Accept + "Sec-WebSocket-Extensions: permessage-deflate\r\n", "extension")]
    [InlineData(Head + Accept + "Sec-WebSocket-Protocol: other\r\n", "'other', which was not offered")]
    [InlineData(Head + Accept + "Sec-WebSocket-Protocol: CHAT\r\n", "not offered")]
    [InlineData(Head + Accept + "Sec-WebSocket-Protocol: chat, v2\r\n", "not offered")]
    [InlineData(Head + Accept + "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: v2\r\n", "more than one")]
    public void A_flaw_of_an_acceptance_is_found(string head, string flaw) =>
        Assert.Contains(flaw, Parse(head + "\r\n").FindFlaw(Key, ["chat", "v2"], out _), StringComparison.Ordinal);

    [Theory]
    [InlineData("", null)]
    [InlineData("Sec-WebSocket-Protocol:  v2 \r\n", "v2")]
    [InlineData("sec-websocket-extensions: \r\n", null)]
    public void A_right_acceptance_has_no_flaw(string more, string? chosen)
    {
        Assert.Null(Parse(Head + Accept + more + "\r\n").FindFlaw(Key, ["chat", "v2"], out string? subprotocol));
        Assert.Equal(chosen, subprotocol);
    }

    private static HandshakeResponse Parse(string head)
    {
        Assert.Equal(
            OperationStatus.Done,
            HandshakeResponse.TryParse(
                Encoding.Latin1.GetBytes(head), out HandshakeResponse? response, out string? violation));
        Assert.Null(violation);
        return response!;
    }
}
