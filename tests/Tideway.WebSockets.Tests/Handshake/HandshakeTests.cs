using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Tests.Handshake;

public sealed class HandshakeTests
{
    [Fact]
    public void The_accept_value_is_that_of_the_example_in_the_RFC() =>
        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", HandshakeKey.ComputeAccept("dGhlIHNhbXBsZSBub25jZQ=="));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ=")]
    [InlineData("dGhlIHNhbXBsZSBub25jZTE=")]
    [InlineData("dGhlIHNhbXBsZSBub25j!Q==")]
    [InlineData(" GhlIHNhbXBsZSBub25jZQ==")]
    public void A_key_that_is_not_16_bytes_of_base64_is_refused(string? key) => Assert.False(HandshakeKey.IsValid(key));

    [Fact]
    public void A_created_key_is_valid() => Assert.True(HandshakeKey.IsValid(HandshakeKey.Create()));

    [Theory]
    [InlineData("Upgrade", true)]
    [InlineData("keep-alive, Upgrade", true)]
    [InlineData("keep-alive,upGRADE", true)]
    [InlineData("\tUpgrade\t, close", true)]
    [InlineData(",, upgrade ,", true)]
    [InlineData("upgraded", false)]
    [InlineData("up grade", false)]
    [InlineData("", false)]
    public void A_token_is_found_in_a_list_in_any_case(string value, bool found) =>
        Assert.Equal(found, TokenList.Contains(value, "upgrade"));

    [Fact]
    public void Tokens_of_several_lines_are_listed_in_order() =>
        Assert.Equal(["chat", "v2", "v1"], TokenList.Parse(["chat , v2", null, ",v1,"]));
}
