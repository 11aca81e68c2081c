using System.Text.Json.Nodes;
using Tideway.Testing;
using Tideway.Testing.Hosting;

// snippet: configure
public sealed class SubprotocolFixture : ServiceFixture<ChatService>
{
    protected override void Configure(ServiceSetup setup)
    {
        JsonObject handler = setup.Component("websocket-handler");
        handler["subprotocols"] = new JsonArray("v2.chat", "v1.chat");
        handler["require-subprotocol"] = true;
    }
}
// end
