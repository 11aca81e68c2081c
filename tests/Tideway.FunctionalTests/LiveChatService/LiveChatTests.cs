using System.Net.WebSockets;
using Tideway.FunctionalTests.ConfigService;

namespace Tideway.FunctionalTests.LiveChatService;

/// <summary>The tutorial: a config service, a chat service, and connections that stay open while values
/// change.</summary>
public sealed class LiveChatTests : IDisposable
{
    private const string Limits = "TIDEWAY_HANDLER_LIMITS";
    private readonly string _folder = Directory.CreateTempSubdirectory("tideway-").FullName;

    private string Cache => Path.Combine(_folder, "values.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // snippet: functional-test
    [Fact]
    public async Task The_limit_of_an_open_connection_changes()
    {
        await using ConfigProcess config = await ConfigProcess.StartAsync();
        await LiveChatProcess.PublishAsync(config);
        await using LiveChatProcess service = await LiveChatProcess.StartAsync(config.ServiceUri, Cache);
        using ChatClient chat = await service.ConnectAsync();
        Assert.Equal("hello, tideway", await chat.EchoAsync("hello, tideway"));

        await config.SetAsync(Limits, """{ "websocket-handler": { "max-remote-payload": 10 } }""");
        await service.WaitForLineAsync("other values for TIDEWAY_HANDLER_LIMITS");

        Assert.Equal("hello", await chat.EchoAsync("hello"));
        Assert.Null(await chat.EchoAsync("hello, tideway"));
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, chat.CloseStatus);
    }
    // end

    [Fact]
    public async Task A_greater_limit_counts_for_an_open_connection_too_also_for_one_service_alone()
    {
        await using ConfigProcess config = await ConfigProcess.StartAsync();
        await LiveChatProcess.PublishAsync(config);
        await using LiveChatProcess service = await LiveChatProcess.StartAsync(config.ServiceUri, Cache);
        using ChatClient chat = await service.ConnectAsync();
        string text = new('x', 150_000);
        await config.SetAsync(
            Limits, """{ "websocket-handler": { "max-remote-payload": 200000 } }""", "service:chat");
        await service.WaitForLineAsync("other values for TIDEWAY_HANDLER_LIMITS");
        Assert.Equal(text, await chat.EchoAsync(text));
    }

    [Fact]
    public async Task Everybody_is_told_a_notice_and_banned_words_come_back_as_asterisks()
    {
        await using ConfigProcess config = await ConfigProcess.StartAsync();
        await LiveChatProcess.PublishAsync(config);
        await using LiveChatProcess service = await LiveChatProcess.StartAsync(config.ServiceUri, Cache);
        using ChatClient first = await service.ConnectAsync();
        using ChatClient second = await service.ConnectAsync();
        Assert.Equal("here", await first.EchoAsync("here"));
        Assert.Equal("here", await second.EchoAsync("here"));

        await config.SetAsync("CHAT_NOTICE", "\"We close at noon.\"");
        Assert.Equal("We close at noon.", await first.ReceiveAsync());
        Assert.Equal("We close at noon.", await second.ReceiveAsync());
        using ChatClient late = await service.ConnectAsync();
        Assert.Equal("We close at noon.", await late.ReceiveAsync());

        Assert.Equal("drat, RATS", await first.EchoAsync("drat, RATS"));
        await config.SetAsync("CHAT_BANNED_WORDS", """["rat"]""");
        await service.WaitForLineAsync("other values for CHAT_BANNED_WORDS");
        Assert.Equal("d***, ***S", await first.EchoAsync("drat, RATS"));
    }

    [Fact]
    public async Task A_config_service_that_dies_changes_nothing_and_a_restart_has_the_last_good_values()
    {
        string database = Path.Combine(_folder, "config.db");
        Uri configUri;
        int port;
        await using (ConfigProcess config = await ConfigProcess.StartAsync(ConfigProcess.SampleConfig(database)))
        {
            (configUri, port) = (config.ServiceUri, config.Port);
            await LiveChatProcess.PublishAsync(config);
            await config.SetAsync("CHAT_BANNED_WORDS", """["rat"]""");
            await using LiveChatProcess service = await LiveChatProcess.StartAsync(configUri, Cache);
            using ChatClient chat = await service.ConnectAsync();
            Assert.Equal("a ***", await chat.EchoAsync("a rat"));

            await config.KillAsync();
            await service.WaitForLineAsync("gave no values, 2 times in a row");
            Assert.Equal("a ***", await chat.EchoAsync("a rat"));
            Assert.Equal(0, await service.TerminateAsync());
        }

        await using LiveChatProcess restarted = await LiveChatProcess.StartAsync(configUri, Cache);
        await restarted.WaitForLineAsync("the service starts on the values of the cache");
        using ChatClient again = await restarted.ConnectAsync();
        Assert.Equal("a ***", await again.EchoAsync("a rat"));

        await using ConfigProcess back = await ConfigProcess.StartAsync(ConfigProcess.SampleConfig(database, port));
        await back.SetAsync("CHAT_BANNED_WORDS", """["cat"]""");
        await restarted.WaitForLineAsync("other values for CHAT_BANNED_WORDS", times: 2);
        Assert.Equal("a rat, a ***", await again.EchoAsync("a rat, a cat"));
    }

    [Fact]
    public async Task A_broken_value_is_refused_by_the_config_service_and_when_it_is_forced_by_the_chat_service()
    {
        await using ConfigProcess config = await ConfigProcess.StartAsync();
        await LiveChatProcess.PublishAsync(config);
        await using LiveChatProcess service = await LiveChatProcess.StartAsync(config.ServiceUri, Cache);
        using ChatClient chat = await service.ConnectAsync();
        const string Many = """{ "websocket-handler": { "max-remote-payload": "many" } }""";
        (int status, System.Text.Json.Nodes.JsonObject answer) = await config.TryChangeAsync(
            $$"""{ "name": "{{Limits}}", "scope": "all", "value": {{Many}}, "expected_revision": 0 }""");
        Assert.Equal(422, status);
        Assert.Equal(
            "TIDEWAY_HANDLER_LIMITS.websocket-handler.max-remote-payload", (string?)answer["problems"]![0]!["path"]);

        await config.SetAsync(Limits, Many, force: true);
        await service.WaitForLineAsync(
            "TIDEWAY_HANDLER_LIMITS.websocket-handler.max-remote-payload: found the string 'many', "
                + "expected an integer");

        // What no schema can say is for the service alone to find. All values stay as they are.
        await config.SetAsync(Limits, "{}");
        await config.SetAsync("CHAT_BANNED_WORDS", """["rat", ""]""");
        await service.WaitForLineAsync("""CHAT_BANNED_WORDS: found ["rat",""], expected words that are not empty""");
        Assert.Equal("a rat", await chat.EchoAsync("a rat"));
        await config.SetAsync("CHAT_BANNED_WORDS", """["rat"]""");
        await service.WaitForLineAsync("other values for CHAT_BANNED_WORDS");
        Assert.Equal("a ***", await chat.EchoAsync("a rat"));
    }

    [Fact]
    public async Task The_limit_changes_in_the_page()
    {
        Assert.SkipUnless(Browser.IsInstalled, "NOT RUN: Chromium is not installed; `make setup` installs it.");
        await using ConfigProcess config = await ConfigProcess.StartAsync();
        await LiveChatProcess.PublishAsync(config);
        await using LiveChatProcess service = await LiveChatProcess.StartAsync(config.ServiceUri, Cache);
        using ChatClient chat = await service.ConnectAsync();
        Assert.Equal("hello, tideway", await chat.EchoAsync("hello, tideway"));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await Browser.VisitAsync(config.Page, PageTests.Script($$"""
            location.hash = '#{{Limits}}';
            type('#author', 'ann');
            await press('Set a value');
            type('#value', '{ "websocket-handler": { "max-remote-payload": 10 } }');
            await press('Save');
            await saved(1);
            return '';
            """), patience.Token);
        await service.WaitForLineAsync("other values for TIDEWAY_HANDLER_LIMITS");
        Assert.Null(await chat.EchoAsync("hello, tideway"));
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, chat.CloseStatus);
    }
}
