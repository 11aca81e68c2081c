using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Tideway.FunctionalTests.ConfigService;

namespace Tideway.FunctionalTests.LiveChatService;

/// <summary>Update after update reaches a service with many open connections. TIDEWAY_MANY_UPDATES=1 makes 10,000 of
/// them with 1,000 connections, which takes minutes, and appends what was measured to the file that
/// TIDEWAY_MANY_UPDATES_REPORT names.</summary>
public sealed class ManyUpdatesTests : IDisposable
{
    private const int Barrier = 20;
    private static readonly bool _isFull = Environment.GetEnvironmentVariable("TIDEWAY_MANY_UPDATES") == "1";
    private static readonly int _connections = _isFull ? 1000 : 50;
    private static readonly int _updates = _isFull ? 10_000 : 300;

    /// <summary>Two lists of words: a message is seen with the one or the other, never with parts of both.</summary>
    private static readonly string[] _words = ["""["north","south"]""", """["east","west"]"""];

    private readonly string _folder = Directory.CreateTempSubdirectory("tideway-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Thousands_of_updates_lose_no_message_tear_no_value_and_leave_nothing_behind()
    {
        await using ConfigProcess config = await ConfigProcess.StartAsync();
        await LiveChatProcess.PublishAsync(config);
        await using LiveChatProcess service = await LiveChatProcess.StartAsync(
            config.ServiceUri, Path.Combine(_folder, "values.json"), interval: "1ms");
        long unused = await service.SettleAsync();
        Listener[] listeners = await Task.WhenAll(
            Enumerable.Range(0, _connections).Select(async _ => new Listener(await service.ConnectAsync())));
        Task[] listening = [.. listeners.Select(listener => listener.ListenAsync())];
        var updates = new Updates(config, listeners);

        // The first words are there before anybody sends them.
        await updates.SetAsync("CHAT_BANNED_WORDS", _words[0]);
        await updates.MakeAsync(_updates / 10);
        (long service, long config) early = (await service.SettleAsync(), await config.SettleAsync());
        var clock = Stopwatch.StartNew();
        await updates.MakeAsync(_updates);
        TimeSpan time = clock.Elapsed;
        (long service, long config) late = (await service.SettleAsync(), await config.SettleAsync());

        // Each connection was told each notice once, in order, and got each echo: the listeners saw to that.
        Assert.All(listeners, listener => Assert.Equal(
            (_updates, _updates / Barrier), (listener.Notices, listener.Echoes)));
        Assert.Equal(0, await service.TerminateAsync());
        await Task.WhenAll(listening);
        string report = string.Create(CultureInfo.InvariantCulture, $"""
            {_updates} updates, {_connections} connections, {(long)_updates * _connections} notices and
            {_updates / Barrier * _connections} echoes;
            {time.TotalMilliseconds / (_updates * 0.9):0.0} ms an update;
            chat service, resident KiB: {unused >> 10} without connections, {early.service >> 10} after a tenth of the
            updates, {late.service >> 10} after all; config service: {early.config >> 10}, {late.config >> 10}
            """);
        TestContext.Current.SendDiagnosticMessage(report);
        if (Environment.GetEnvironmentVariable("TIDEWAY_MANY_UPDATES_REPORT") is { Length: > 0 } path)
            await File.AppendAllTextAsync(path, report + "\n");
        Assert.InRange(late.service - early.service, long.MinValue, 16 << 20);
        Assert.InRange(late.config - early.config, long.MinValue, 16 << 20);
        foreach (Listener listener in listeners) listener.Dispose();
    }

    /// <summary>Makes changes one by one; each has reached the service before the next is made.</summary>
    private sealed class Updates(ConfigProcess config, Listener[] listeners)
    {
        private readonly Dictionary<string, long> _revisions = [];
        private int _made;

        /// <summary>Goes on until so many have been made.</summary>
        public async Task MakeAsync(int count)
        {
            while (_made < count)
            {
                _made++;
                if (_made % 10 == 0)
                {
                    await SetAsync("CHAT_BANNED_WORDS", _words[_made / 10 % 2]);
                    await SetAsync("TIDEWAY_HANDLER_LIMITS", string.Create(
                        CultureInfo.InvariantCulture,
                        $$"""{ "websocket-handler": { "max-remote-payload": {{100_000 + _made}} } }"""));
                }

                await SetAsync("CHAT_NOTICE", $"\"{_made}:{_made}\"");
                if (_made % Barrier == 0) await Task.WhenAll(listeners.Select(each => each.WaitForAsync(_made)));
                else await listeners[_made % listeners.Length].WaitForAsync(_made);
            }
        }

        public async Task SetAsync(string name, string json)
        {
            JsonObject row = await config.ChangeAsync($$"""
                {
                  "name": "{{name}}", "scope": "all", "value": {{json}},
                  "expected_revision": {{_revisions.GetValueOrDefault(name)}}
                }
                """);
            _revisions[name] = (long)row["revision"]!;
        }
    }

    /// <summary>One connection: counts notices, which come in order, and sends a message at each barrier.</summary>
    private sealed class Listener(ChatClient chat) : IDisposable
    {
        private readonly Lock _lock = new();
        private TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _awaited = int.MaxValue;
        private bool _isEchoDue;

        public int Notices { get; private set; }

        public int Echoes { get; private set; }

        public async Task ListenAsync()
        {
            try
            {
                while (await chat.ReceiveAsync() is { } text) await TakeAsync(text);
            }
            catch (Exception exception)
            {
                lock (_lock) _reached.TrySetException(exception);
                throw;
            }
        }

        /// <summary>Waits until the connection has been told a notice, and has got back what it sent.</summary>
        public async Task WaitForAsync(int notice)
        {
            Task reached;
            lock (_lock)
            {
                if (!_reached.Task.IsFaulted)
                    _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                (reached, _awaited) = (_reached.Task, notice);
                Look();
            }

            await reached.WaitAsync(TimeSpan.FromSeconds(60));
        }

        public void Dispose() => chat.Dispose();

        private async Task TakeAsync(string text)
        {
            bool isNotice = text.Contains(':', StringComparison.Ordinal);
            if (isNotice) Assert.Equal($"{Notices + 1}:{Notices + 1}", text);
            else Assert.True(_isEchoDue && text is "***** ***** east west" or "north south **** ****", text);
            lock (_lock)
            {
                if (isNotice) Notices++;
                else Echoes++;
                _isEchoDue = isNotice && (_isEchoDue || Notices % Barrier == 0);
                Look();
            }

            if (isNotice && Notices % Barrier == 0) await chat.SendAsync("north south east west");
        }

        private void Look()
        {
            if (Notices >= _awaited && !_isEchoDue) _reached.TrySetResult();
        }
    }
}
