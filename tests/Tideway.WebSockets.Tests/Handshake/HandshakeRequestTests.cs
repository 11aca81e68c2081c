using System.Text;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Tests.Handshake;

public sealed class HandshakeRequestTests
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    [Theory]
    [InlineData("ws://example.org", "GET / HTTP/1.1\r\nHost: example.org\r\n")]
    [InlineData("ws://example.org:80/a b", "GET /a%20b HTTP/1.1\r\nHost: example.org\r\n")]
    [InlineData("ws://example.org:8080/?q=1", "GET /?q=1 HTTP/1.1\r\nHost: example.org:8080\r\n")]
    [InlineData("ws://[::1]:8080/", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n")]
    [InlineData("ws://bücher.example/", "GET / HTTP/1.1\r\nHost: xn--bcher-kva.example\r\n")]
    [InlineData("ws://example.org/a%0D%0AX:%201", "GET /a%0D%0AX:%201 HTTP/1.1\r\nHost: example.org\r\n")]
    public void The_request_line_and_the_host_are_those_of_the_address(string uri, string begin) =>
        Assert.StartsWith(
            begin,
            Encoding.Latin1.GetString(HandshakeRequest.Write(new Uri(uri), Key, [], [])),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("Host", "x")]
    [InlineData("connection", "close")]
    [InlineData("Sec-WebSocket-Extensions", "permessage-deflate")]
    [InlineData("Transfer-Encoding", "chunked")]
    [InlineData("A B", "x")]
    [InlineData("", "x")]
    [InlineData("Cookie", "a=b\r\nHost: other")]
    [InlineData("Cookie", "a\0")]
    [InlineData("Cookie", "ä")]
    public void A_header_that_would_change_the_handshake_is_refused(string name, string value) =>
        Assert.Throws<ArgumentException>(
            () => HandshakeRequest.Write(new Uri("ws://example.org"), Key, [], [new(name, value)]));

    [Fact]
    public void A_refused_value_is_not_shown_since_it_may_be_a_secret()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => HandshakeRequest.Write(
                new Uri("ws://example.org"), Key, [], [new("Authorization", "Bearer s3cret\n")]));
        Assert.Contains("Authorization", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("a,b")]
    [InlineData("chat")]
    public void A_subprotocol_that_is_no_token_or_offered_twice_is_refused(string subprotocol) =>
        Assert.Throws<ArgumentException>(
            () => HandshakeRequest.Write(new Uri("ws://example.org"), Key, ["chat", subprotocol], []));
}
