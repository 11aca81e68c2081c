using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Tideway.FunctionalTests.ConfigService;

/// <summary>What the config service keeps, and what it makes of a file that is not as it left it.</summary>
public sealed class DatabaseTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tideway-").FullName;

    private string Database => Path.Combine(_folder, "folder", "config.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Everything_outlives_a_crash()
    {
        string values;
        await using (ConfigProcess service = await ConfigProcess.StartAsync(ConfigProcess.SampleConfig(Database)))
        {
            await service.PublishAsync("chat");
            await service.SetAsync("MAX_ROOMS", "5");
            values = (await service.ValuesAsync("{}")).ToJsonString();
            await service.KillAsync();
        }

        await using ConfigProcess again = await ConfigProcess.StartAsync(ConfigProcess.SampleConfig(Database));
        Assert.Equal(values, (await again.ValuesAsync("{}")).ToJsonString());
        JsonObject variable = (await again.AskAsync(HttpMethod.Get, "/admin/variables/MAX_ROOMS")).Answer;
        Assert.Equal("chat", (string?)variable["services"]![0]!["name"]);
        Assert.Equal(2, await again.SetAsync("MAX_ROOMS", "6"));
    }

    [Fact]
    public async Task Moments_go_on_while_the_clock_goes_back()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync(ConfigProcess.SampleConfig(Database));
        await service.PublishAsync("chat");
        await service.SetAsync("MAX_ROOMS", "5");

        // The last change was made when the clock was far ahead.
        Execute("UPDATE changes SET updated_at = '2999-12-31T23:59:59.9999998Z'");
        await service.SetAsync("MAX_ROOMS", "6");
        JsonObject values = await service.ValuesAsync("""{"updated_since":"2999-12-31T23:59:59.9999998Z"}""");
        Assert.Equal("2999-12-31T23:59:59.9999999Z", (string?)values["updated_at"]);
        Assert.Equal(6, (int)values["configs"]!["MAX_ROOMS"]!);
        await service.SetAsync("MAX_ROOMS", "7");
        values = await service.ValuesAsync("""{"updated_since":"2999-12-31T23:59:59.9999999Z"}""");
        Assert.Equal("3000-01-01T00:00:00.0000000Z", (string?)values["updated_at"]);
        Assert.Equal(7, (int)values["configs"]!["MAX_ROOMS"]!);
    }

    [Fact]
    public async Task A_file_that_somebody_holds_is_told_to_who_wants_to_change_it_and_can_be_read()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync(ConfigProcess.SampleConfig(Database));
        await service.PublishAsync("chat");
        await service.SetAsync("MAX_ROOMS", "5");
        const string change = """{ "name": "MAX_ROOMS", "scope": "all", "value": 6, "expected_revision": 1 }""";
        using (var connection = new SqliteConnection($"Data Source={Database}"))
        {
            connection.Open();
            using SqliteTransaction held = connection.BeginTransaction(deferred: false);
            (int status, JsonObject answer) = await service.TryChangeAsync(change);
            Assert.Equal(503, status);
            Assert.Contains("database is locked", (string)answer["error"]!, StringComparison.Ordinal);
            Assert.Equal(5, (int)(await service.ValuesAsync("{}"))["configs"]!["MAX_ROOMS"]!);
        }

        Assert.Equal(2, (int)(await service.ChangeAsync(change))["revision"]!);
    }

    [Fact]
    public async Task A_file_that_cannot_be_used_keeps_the_service_from_starting()
    {
        await using (await ConfigProcess.StartAsync(ConfigProcess.SampleConfig(Database)))
        {
        }

        Execute("PRAGMA user_version = 99");
        string text = Path.Combine(_folder, "text.db");
        await File.WriteAllTextAsync(text, new string('x', 10_000));
        foreach ((string path, string reason) in new[]
        {
            (Database, "has version 99, this program knows 1"), (text, "file is not a database"),
            (_folder, "unable to open database file"),
        })
        {
            (int exitCode, string[] lines) = await ConfigProcess.RunAsync(ConfigProcess.SampleConfig(path));
            Assert.Equal(1, exitCode);
            Assert.Contains(lines, line =>
                line.Contains($"database.path: '{path}'", StringComparison.Ordinal)
                && line.Contains(reason, StringComparison.Ordinal));
        }
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database}");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
