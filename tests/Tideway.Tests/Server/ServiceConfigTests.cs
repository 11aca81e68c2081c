using Tideway.Configuration;
using Tideway.Server;

namespace Tideway.Tests.Server;

/// <summary>What the sections of a server and its handlers refuse before anything starts.</summary>
public sealed class ServiceConfigTests
{
    [Theory]
    [InlineData("{ listener: { port: 0 }, shutdown-timeout: 50d }", "found '50d', expected 0s to 1d")]
    [InlineData("{ listener: { port: 0, connection: { keepalive_timeout: 0 } } }", "found '0', expected 1s to 365d")]
    [InlineData(
        "{ listener: { port: 0 }, server-name: 'Müller' }", "found 'Müller', expected printable ASCII characters")]
    [InlineData("{ listener: { unix-socket: s } }", "expected an absolute path of at most 107 bytes, found 's'")]
    public void A_server_section_that_could_not_be_kept_is_refused(string yaml, string message)
    {
        var error = Assert.Throws<ConfigException>(() => ConfigBinder.Bind<ServerConfig>(ConfigLoader.Parse(yaml)));
        Assert.EndsWith(message, Assert.Single(error.Problems).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ path: /chat, close-timeout: 50d }", "found '50d', expected 0s to 1d")]
    [InlineData(
        "{ path: /chat, subprotocols: [v1, 'v 2'] }",
        "'v 2' cannot be a subprotocol: it may have letters, digits and !#$%&'*+-.^_`|~ only")]
    [InlineData("{ path: /chat, subprotocols: [v1, v2, v1] }", "the subprotocol 'v1' is given twice")]
    [InlineData("{ path: /chat, require-subprotocol: true }", "a subprotocol is required, but none is given")]
    public void A_handler_section_that_could_not_be_kept_is_refused(string yaml, string message)
    {
        var error = Assert.Throws<ConfigException>(
            () => ConfigBinder.Bind<WebSocketHandlerConfig>(ConfigLoader.Parse(yaml)));
        Assert.EndsWith(message, Assert.Single(error.Problems).Message, StringComparison.Ordinal);
    }
}
