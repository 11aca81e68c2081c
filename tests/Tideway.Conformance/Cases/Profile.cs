using System.Text;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.Conformance.Cases;

/// <summary>What the end under test does with its connection, as a server's route or as a client. Immutable.</summary>
/// <param name="Name">The name of the route.</param>
/// <param name="Options">The limits of the connection.</param>
/// <param name="Handler">What is done with the messages.</param>
internal sealed record Profile(
    string Name, WebSocketConnectionOptions Options, Func<WebSocketConnection, Task> Handler)
{
    /// <summary>The largest message that <see cref="Echo"/> takes.</summary>
    public const int Largest = 16 * 1024 * 1024;

    // Longer than the patience of a case: no case passes because something was given up.
    private static readonly TimeSpan _never = TimeSpan.FromMinutes(10);

    /// <summary>Sends every message back in one frame.</summary>
    public static Profile Echo { get; } = new("echo", Limits(Largest, 0), EchoAsync);

    /// <summary>Takes messages of at most 1000 bytes.</summary>
    public static Profile Small { get; } = new("small", Limits(1000, 0), EchoAsync);

    /// <summary>Receives nothing.</summary>
    public static Profile Silent { get; } = new("silent", Limits(1000, 0), SilentAsync);

    /// <summary>Does what each text message says.</summary>
    public static Profile Obedient { get; } = new("obedient", Limits(1000, 0), ObeyAsync);

    /// <summary>Waits 50 milliseconds only for the answer to a close frame.</summary>
    public static Profile Impatient { get; } = new(
        "impatient", new() { CloseTimeout = TimeSpan.FromMilliseconds(50) }, ObeyAsync);

    /// <summary>Speaks the subprotocols v2 and v1.</summary>
    public static Profile Speaking { get; } = new("speaking", Limits(1000, 0), EchoAsync)
    {
        Subprotocols = ["v2", "v1"],
    };

    /// <summary>Lets in the pages of one origin.</summary>
    public static Profile Guarded { get; } = new("guarded", Limits(1000, 0), EchoAsync)
    {
        Origins = ["https://good.example"],
    };

    /// <summary>Send every message back in fragments of so many bytes.</summary>
    public static IReadOnlyDictionary<int, Profile> Fragmenting { get; } =
        new[] { 1, 7, 125, 126, 1000, 65535, 65536 }.ToDictionary(
            size => size, size => new Profile($"fragments-of-{size}", Limits(Largest, size), EchoAsync));

    /// <summary>Compresses with a context of its own.</summary>
    public static Profile Compressing { get; } = new(
        "compressing", Limits(Largest, 0, MessageCompression.Dedicated), EchoAsync);

    /// <summary>Compresses each message by itself.</summary>
    public static Profile Sharing { get; } = new(
        "sharing", Limits(Largest, 0, MessageCompression.Shared), EchoAsync);

    /// <summary>Compresses with a window of 512 bytes.</summary>
    public static Profile Narrow { get; } = new(
        "narrow", Limits(Largest, 0, MessageCompression.Dedicated, 9), EchoAsync);

    /// <summary>Compresses, and takes messages of at most 1000 bytes.</summary>
    public static Profile SmallCompressing { get; } = new(
        "small-compressing", Limits(1000, 0, MessageCompression.Dedicated), EchoAsync);

    /// <summary>Compresses, and sends fragments of 100 bytes.</summary>
    public static Profile FragmentingCompressed { get; } = new(
        "fragmenting-compressed", Limits(Largest, 100, MessageCompression.Dedicated), EchoAsync);

    /// <summary>All that a server has to offer.</summary>
    public static IReadOnlyList<Profile> All { get; } =
    [
        Echo, Small, Silent, Obedient, Impatient, Speaking, Guarded, .. Fragmenting.Values,
        Compressing, Sharing, Narrow, SmallCompressing, FragmentingCompressed,
    ];

    public IReadOnlyList<string> Subprotocols { get; init; } = [];

    public IReadOnlyList<string> Origins { get; init; } = [];

    private static WebSocketConnectionOptions Limits(
        int maxRemotePayload, int fragmentSize, MessageCompression compression = default, int windowBits = 15) => new()
        {
            MaxRemotePayload = maxRemotePayload,
            FragmentSize = fragmentSize,
            CloseTimeout = _never,
            Compression = new() { Mode = compression, MinSize = 1, WindowBits = windowBits },
        };

    private static async Task EchoAsync(WebSocketConnection connection)
    {
        while (await connection.ReceiveAsync() is { IsClose: false } message) await connection.SendAsync(message);
    }

    private static async Task SilentAsync(WebSocketConnection connection)
    {
        var closing = new TaskCompletionSource();
        using CancellationTokenRegistration registration = connection.Closing.Register(closing.SetResult);
        await closing.Task;
    }

    private static async Task ObeyAsync(WebSocketConnection connection)
    {
        while (await connection.ReceiveAsync() is { IsClose: false } message)
        {
            string[] words = message.ToString().Split(' ', 3);
            switch (words[0])
            {
                case "return":
                    return;
                case "throw":
                    throw new InvalidOperationException("As told.");
                case "ping":
                    await connection.SendPingAsync(Encoding.UTF8.GetBytes(words[1]));
                    break;
                case "close" when words.Length == 1:
                    await connection.CloseAsync(CloseCode.NoStatusReceived);
                    break;
                case "close":
                    _ = connection.CloseAsync((CloseCode)int.Parse(words[1], null), words.ElementAtOrDefault(2) ?? "");
                    await TrySendAfterCloseAsync(connection);
                    break;
                case "text":
                    await connection.SendTextAsync(new string('a', int.Parse(words[1], null)));
                    break;
                case "binary":
                    await connection.SendBinaryAsync(new byte[int.Parse(words[1], null)]);
                    break;
            }
        }
    }

    private static async Task TrySendAfterCloseAsync(WebSocketConnection connection)
    {
        try
        {
            await connection.SendTextAsync("too late");
        }
        catch (ConnectionClosedException)
        {
            // As it should be. If it were sent, the case would see it.
        }
    }
}
