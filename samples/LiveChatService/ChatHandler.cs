using System.Collections.Concurrent;
using System.Text;
using Tideway.Components;
using Tideway.DynamicConfig;
using Tideway.Server;
using Tideway.WebSockets.Connections;

namespace LiveChatService;

/// <summary>Echoes, without words that are banned, and tells everybody what operators have to say.</summary>
internal sealed class ChatHandler : WebSocketHandler, INamedComponent, IDisposable
{
    // snippet: variables
    private static readonly DynamicConfigKey<string> _notice = new("CHAT_NOTICE", "", "What all are told, at once.");

    private static readonly DynamicConfigKey<IReadOnlyList<string>> _bannedWords = new(
        "CHAT_BANNED_WORDS",
        [],
        "Words that come back as asterisks.",
        words => words.Contains("") ? "expected words that are not empty" : null);
    // end

    private readonly ConcurrentDictionary<WebSocketConnection, bool> _open = [];
    private readonly DynamicConfigSource _variables;
    private readonly IDisposable _subscription;

    // snippet: subscription
    public ChatHandler(WebSocketHandlerConfig config, ComponentContext context, DynamicConfigComponent dynamicConfig)
        : base(config, context)
    {
        _variables = dynamicConfig.Source;
        _subscription = _variables.Subscribe(_notice, Tell); // calls at once, and after each change
    }

    private void Tell(string notice)
    {
        foreach (WebSocketConnection chat in _open.Keys) Send(chat, notice);
    }
    // end

    public static string ComponentName => "websocket-handler";

    public void Dispose() => _subscription.Dispose();

    // snippet: handle
    protected override async Task HandleAsync(WebSocketConnection chat, RequestContext request)
    {
        _open[chat] = true;
        try
        {
            Send(chat, _variables.Get(_notice));
            while (await chat.ReceiveAsync() is { IsClose: false } message)
            {
                if (message.IsText) await chat.SendTextAsync(Censor(message.ToString(), _variables.Get(_bannedWords)));
                else await chat.SendAsync(message);
            }
        }
        finally
        {
            _open.TryRemove(chat, out _);
        }
    }
    // end

    private static string Censor(string text, IReadOnlyList<string> words)
    {
        foreach (string word in words)
            text = text.Replace(word, new string('*', word.Length), StringComparison.OrdinalIgnoreCase);
        return text;
    }

    // Whoever reads too slowly misses a notice: nobody waits for him.
    private static void Send(WebSocketConnection chat, string notice)
    {
        if (notice.Length > 0) chat.TrySend(new Message(MessageKind.Text, Encoding.UTF8.GetBytes(notice)));
    }
}
