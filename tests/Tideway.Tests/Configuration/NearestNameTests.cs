using Tideway.Configuration;

namespace Tideway.Tests.Configuration;

public sealed class NearestNameTests
{
    private static readonly string[] _known = ["listener", "max-payload", "handler-ping", "ip"];

    [Theory]
    [InlineData("lisener", "listener")]
    [InlineData("lsitener", "listener")]
    [InlineData("max_payload", "max-payload")]
    [InlineData("MaxPayload", "max-payload")]
    [InlineData("handler-pong", "handler-ping")]
    [InlineData("up", "ip")]
    [InlineData("port", null)]
    [InlineData("", null)]
    public void A_near_name_is_found(string name, string? expected) =>
        Assert.Equal(expected, NearestName.Find(name, _known));
}
