using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tideway.Tests.Configuration;

namespace Tideway.Tests.DynamicConfig;

/// <summary>A file whose values are taken while the service runs.</summary>
public sealed class WatchedFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_that_is_written_anew_is_taken()
    {
        string file = _folder.Write("values.json", """{ "TEST_COUNT": 2 }""");
        await using var service = new ConfiguredService($"watch-path: {file}");
        Assert.Equal(2, service.Source.Get(TestVariables.Count));
        for (int i = 3; i < 8; i++)
        {
            _folder.Write("values.json", $$"""{ "TEST_COUNT": {{i}} }""");
            await service.AdvanceUntilAsync(() => service.Source.Get(TestVariables.Count) == i);
        }

        Assert.Empty(service.Log.At(LogLevel.Warning));
    }

    [Fact]
    public async Task News_of_the_file_system_make_it_sooner()
    {
        string file = _folder.Write("values.yaml", "TEST_COUNT: 2");
        await using var service = new ConfiguredService($"watch-path: {file}\nwatch-interval: 1h");
        var changed = new TaskCompletionSource();
        using IDisposable subscription = service.Source.Subscribe(TestVariables.Count, value =>
        {
            if (value == 3) changed.SetResult();
        });
        _folder.Write("values.yaml", "TEST_COUNT: 3");
        DateTimeOffset latest = service.Clock.GetUtcNow().AddMinutes(50);
        await service.AdvanceUntilAsync(() => changed.Task.IsCompleted);
        Assert.True(service.Clock.GetUtcNow() < latest);
    }

    [Fact]
    public async Task A_mounted_config_map_is_taken_when_its_links_are_swapped()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("There is no 'mv -T' to swap a link with.");
        string data = _folder.PathOf("..data"), file = _folder.PathOf("values.json");
        Publish("v1", """{ "TEST_COUNT": 2 }""");
        File.CreateSymbolicLink(file, Path.Combine("..data", "values.json"));
        await using var service = new ConfiguredService($"watch-path: {file}");
        Assert.Equal(2, service.Source.Get(TestVariables.Count));
        for (int i = 3; i < 6; i++)
        {
            Publish($"v{i}", $$"""{ "TEST_COUNT": {{i}} }""");
            await service.AdvanceUntilAsync(() => service.Source.Get(TestVariables.Count) == i);
        }

        void Publish(string version, string json)
        {
            Directory.CreateDirectory(_folder.PathOf(version));
            File.WriteAllText(Path.Combine(_folder.PathOf(version), "values.json"), json);
            File.CreateSymbolicLink(data + "_tmp", version);
            using var move = Process.Start("mv", ["-T", data + "_tmp", data]);
            move.WaitForExit();
            Assert.Equal(0, move.ExitCode);
        }
    }

    [Fact]
    public async Task A_wrong_file_changes_nothing_and_is_named_once_until_it_is_mended()
    {
        string file = _folder.Write("values.json", """{ "TEST_COUNT": 2 }""");
        await using var service = new ConfiguredService($"watch-path: {file}");
        _folder.Write("values.json", """{ "TEST_COUNT": 3, "TEST_TEXT": 5 }""");
        await service.AdvanceUntilAsync(() => service.Log.At(LogLevel.Error).Any());
        for (int i = 0; i < 100; i++) service.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, service.Source.Get(TestVariables.Count));
        Assert.EndsWith(
            "TEST_TEXT: found 5, expected a string", Assert.Single(service.Log.At(LogLevel.Error)), default);
        _folder.Write("values.json", """{ "TEST_COUNT": 3, "TEST_TEXT": "5" }""");
        await service.AdvanceUntilAsync(() => service.Source.Get(TestVariables.Count) == 3);
    }

    [Fact]
    public async Task Half_a_character_is_refused_as_any_other_mistake()
    {
        string file = _folder.Write("values.json", """{ "TEST_COUNT": 2 }""");
        await using var service = new ConfiguredService($"watch-path: {file}");
        _folder.Write("values.json", """{ "TEST_COUNT": 3, "TEST_TEXT": "\ud83d" }""");
        await service.AdvanceUntilAsync(() => service.Log.At(LogLevel.Error).Any());
        Assert.EndsWith(
            "values.json  it is not JSON: a string is no text", Assert.Single(service.Log.At(LogLevel.Error)), default);
        Assert.Equal(2, service.Source.Get(TestVariables.Count));
    }

    [Fact]
    public async Task Neighbors_that_always_change_do_not_put_it_off()
    {
        string file = _folder.Write("values.json", """{ "TEST_COUNT": 2 }""");
        var clock = new NoticingClock();
        await using var service = new ConfiguredService($"watch-path: {file}\nwatch-interval: 2s", clock: clock);
        _folder.Write("values.json", """{ "TEST_COUNT": 3 }""");
        DateTimeOffset latest = clock.GetUtcNow().AddSeconds(3);
        for (int i = 0; service.Source.Get(TestVariables.Count) != 3; i++)
        {
            Assert.True(clock.GetUtcNow() < latest, "it was never read");
            while (clock.Noticed.Wait(0)) { }
            _folder.Write($"{i}.log", "");
            Assert.True(await clock.Noticed.WaitAsync(TimeSpan.FromSeconds(60)));
            clock.Advance(TimeSpan.FromMilliseconds(90));
        }
    }

    [Fact]
    public async Task A_file_that_is_removed_changes_nothing()
    {
        string file = _folder.Write("values.json", """{ "TEST_COUNT": 2 }""");
        await using var service = new ConfiguredService($"watch-path: {file}");
        File.Delete(file);
        await service.AdvanceUntilAsync(() => service.Log.At(LogLevel.Error).Any());
        Assert.Equal(2, service.Source.Get(TestVariables.Count));
        _folder.Write("values.json", """{ "TEST_COUNT": 3 }""");
        await service.AdvanceUntilAsync(() => service.Source.Get(TestVariables.Count) == 3);
    }

    [Fact]
    public async Task A_service_starts_on_its_cache_while_the_file_is_wrong()
    {
        string file = _folder.Write("values.yaml", "TEST_COUNT: 2\nTEST_TEXT: '5'\nOTHER: 007");
        string cache = _folder.PathOf("deep/cache.json");
        string config = $"watch-path: {file}\nfs-cache-path: {cache}";
        await using (var service = new ConfiguredService(config)) { }
        JsonNode kept = JsonNode.Parse(File.ReadAllText(cache))!;
        Assert.Equal("""{"OTHER":7,"TEST_COUNT":2,"TEST_TEXT":"5"}""", kept.ToJsonString());
        if (!OperatingSystem.IsWindows())
            Assert.Equal("644", Convert.ToString((int)File.GetUnixFileMode(cache), 8));
        Assert.Single(Directory.GetFiles(_folder.PathOf("deep")));

        _folder.Write("values.yaml", "TEST_COUNT: [");
        await using var restarted = new ConfiguredService(config);
        Assert.Equal(2, restarted.Source.Get(TestVariables.Count));
        Assert.Contains(restarted.Log.At(LogLevel.Warning), line => line.Contains("starts on the values of the cache"));
    }

    [Fact]
    public async Task A_service_without_other_values_does_not_start_while_the_file_is_missing()
    {
        string config = $"watch-path: {_folder.PathOf("nowhere.json")}";
        var exception = Assert.Throws<IOException>(() => new ConfiguredService(config));
        Assert.Contains("cannot read", exception.Message, default);
        string fallback = _folder.Write("fallback.json", "{}");
        await using var service = new ConfiguredService(config, fallback);
        Assert.Equal(1, service.Source.Get(TestVariables.Count));
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_is_reported_and_nothing_else()
    {
        string file = _folder.Write("values.json", """{ "TEST_COUNT": 2 }""");
        Directory.CreateDirectory(_folder.PathOf("cache.json"));
        await using var service =
            new ConfiguredService($"watch-path: {file}\nfs-cache-path: {_folder.PathOf("cache.json")}");
        Assert.Equal(2, service.Source.Get(TestVariables.Count));
        Assert.Single(service.Log.At(LogLevel.Warning), line => line.Contains("cannot be written"));
        _folder.Write("values.json", """{ "TEST_COUNT": 3 }""");
        await service.AdvanceUntilAsync(() => service.Source.Get(TestVariables.Count) == 3);
        Assert.Single(service.Log.At(LogLevel.Warning), line => line.Contains("cannot be written"));
    }

    /// <summary>Tells when a timer is set anew: news of the file system have come.</summary>
    private sealed class NoticingClock : FakeTimeProvider
    {
        public SemaphoreSlim Noticed { get; } = new(0);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new NoticedTimer(base.CreateTimer(callback, state, dueTime, period), Noticed);

        private sealed class NoticedTimer(ITimer timer, SemaphoreSlim noticed) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                bool isChanged = timer.Change(dueTime, period);
                noticed.Release();
                return isChanged;
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}
