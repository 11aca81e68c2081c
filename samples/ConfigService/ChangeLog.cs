using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Tideway.Components;

namespace ConfigService;

/// <summary>The settings, and how they came about: the <c>change-log</c> component.</summary>
/// <remarks>Safe for any thread.</remarks>
internal sealed partial class ChangeLog(
    ChangeLogConfig config, Database database, TimeProvider timeProvider, ILogger logger) : INamedComponent
{
    /// <summary>The moment of the last change as long as there was none.</summary>
    private const string Beginning = "1970-01-01T00:00:00.0000000Z";

    /// <summary>Of fixed width, so that text sorts as time does.</summary>
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    private const string Columns =
        "revision, updated_at, author, comment, forced, rollback_to, changes.name, changes.scope, "
        + "old_value, old_kill_switch, new_value, new_kill_switch";

    public static string ComponentName => "change-log";

    /// <summary>The moment of the last change.</summary>
    public string UpdatedAt
    {
        get
        {
            using SqliteConnection connection = database.Open();
            return LastUpdate(connection);
        }
    }

    /// <summary>Finds the last change of each setting, removed ones included, and the moment of the last of
    /// all.</summary>
    /// <param name="updatedAt">The moment. What was changed until then is in the answer, and nothing else.</param>
    /// <param name="scopes">The scopes of the settings; all of them, if none are given.</param>
    public List<Change> Settings(out string updatedAt, params IReadOnlyList<string> scopes)
    {
        using SqliteConnection connection = database.Open();
        using SqliteTransaction snapshot = connection.BeginTransaction(deferred: true);
        updatedAt = LastUpdate(connection);
        return connection.Query(
            $"""
            SELECT {Columns} FROM settings JOIN changes USING (revision)
            WHERE $any OR settings.scope IN (SELECT value FROM json_each($scopes))
            """,
            Read,
            ("$any", scopes.Count == 0),
            ("$scopes", JsonSerializer.Serialize(scopes)));
    }

    /// <summary>Finds changes, the latest first.</summary>
    public List<Change> History(string? name, string? scope, long before, int limit)
    {
        using SqliteConnection connection = database.Open();
        return connection.Query(
            $"""
            SELECT {Columns} FROM changes
            WHERE revision < $before AND ($name IS NULL OR name = $name) AND ($scope IS NULL OR scope = $scope)
            ORDER BY revision DESC LIMIT $limit
            """,
            Read,
            ("$name", name),
            ("$scope", scope),
            ("$before", before),
            ("$limit", limit));
    }

    /// <summary>Makes a change, unless somebody else was faster.</summary>
    /// <param name="draft">The change, without what only the log can know.</param>
    /// <param name="expectedRevision">The revision that it replaces; 0 for none.</param>
    /// <returns>The change as it was written.</returns>
    /// <exception cref="RequestRefusedException">It is refused.</exception>
    public Change Append(Change draft, long expectedRevision)
    {
        using SqliteConnection connection = database.Open();
        using SqliteTransaction transaction = connection.BeginTransaction(); // the one writer
        Change? current = connection.Query(
            $"""
            SELECT {Columns} FROM settings JOIN changes USING (revision)
            WHERE settings.name = $name AND settings.scope = $scope
            """,
            Read,
            ("$name", draft.Name),
            ("$scope", draft.Scope)).SingleOrDefault();
        if ((current?.Expected ?? 0) != expectedRevision) throw Conflict(draft, current);
        if (current?.New is null && draft.New is null)
            throw new RequestRefusedException(404, $"{draft.Name} has no value for '{draft.Scope}' to remove");
        CheckRoom(connection, draft, current);

        Change change = draft with { Old = current?.New, UpdatedAt = NextUpdate(connection) };
        long revision = connection.Query(
            """
            INSERT INTO changes (updated_at, author, comment, forced, rollback_to, name, scope,
                old_value, old_kill_switch, new_value, new_kill_switch)
            VALUES ($updated_at, $author, $comment, $forced, $rollback_to, $name, $scope,
                $old_value, $old_kill_switch, $new_value, $new_kill_switch)
            RETURNING revision
            """,
            row => row.GetInt64(0),
            ("$updated_at", change.UpdatedAt),
            ("$author", change.Author),
            ("$comment", change.Comment),
            ("$forced", change.Forced),
            ("$rollback_to", change.RollbackTo),
            ("$name", change.Name),
            ("$scope", change.Scope),
            ("$old_value", TextOf(change.Old)),
            ("$old_kill_switch", change.Old?.KillSwitch?.ToString()),
            ("$new_value", TextOf(change.New)),
            ("$new_kill_switch", change.New?.KillSwitch?.ToString())).Single();
        connection.Execute(
            """
            INSERT INTO settings (name, scope, revision) VALUES ($name, $scope, $revision)
            ON CONFLICT (name, scope) DO UPDATE SET revision = excluded.revision
            """,
            ("$name", change.Name),
            ("$scope", change.Scope),
            ("$revision", revision));
        transaction.Commit();
        SettingChanged(logger, revision, change.Name, change.Scope, change.Author);
        return change with { Revision = revision };
    }

    private static RequestRefusedException Conflict(Change draft, Change? current) => new(
        409,
        current is null
            ? $"{draft.Name} has no value for '{draft.Scope}': expect revision 0"
            : $"{current.Author} changed {draft.Name} for '{draft.Scope}' meanwhile, to revision {current.Expected}",
        new { current });

    private static string LastUpdate(SqliteConnection connection) => connection.Query(
        "SELECT max(updated_at) FROM changes", row => row.IsDBNull(0) ? Beginning : row.GetString(0)).Single();

    private static Change Read(SqliteDataReader row) => new()
    {
        Revision = row.GetInt64(0),
        UpdatedAt = row.GetString(1),
        Author = row.GetString(2),
        Comment = row.GetString(3),
        Forced = row.GetBoolean(4),
        RollbackTo = row.IsDBNull(5) ? null : row.GetInt64(5),
        Name = row.GetString(6),
        Scope = row.GetString(7),
        Old = ReadSetting(row, 8),
        New = ReadSetting(row, 10),
    };

    private static Setting? ReadSetting(SqliteDataReader row, int column) => row.IsDBNull(column)
        ? null
        : new Setting(
            JsonElement.Parse(row.GetString(column)),
            row.IsDBNull(column + 1) ? null : Enum.Parse<KillSwitch>(row.GetString(column + 1)));

    private static string? TextOf(Setting? setting) =>
        setting is null ? null : JsonSerializer.Serialize(setting.Value, JsonFormat.Options);

    /// <summary>Finds a moment after the last one, even while the clock stands still or goes back.</summary>
    private string NextUpdate(SqliteConnection connection)
    {
        string last = LastUpdate(connection);
        string now = timeProvider.GetUtcNow().ToString(TimeFormat, CultureInfo.InvariantCulture);
        if (string.CompareOrdinal(now, last) > 0) return now;
        DateTime moment = DateTime.ParseExact(
            last, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
        return moment.AddTicks(1).ToString(TimeFormat, CultureInfo.InvariantCulture);
    }

    private void CheckRoom(SqliteConnection connection, Change draft, Change? current)
    {
        if (draft.New is null) return;
        (long count, long size) = connection.Query(
            "SELECT count(*), coalesce(sum(length(new_value)), 0) FROM settings JOIN changes USING (revision)",
            row => (row.GetInt64(0), row.GetInt64(1))).Single();
        if (current is null && count >= config.MaxSettings)
            throw new RequestRefusedException(422, $"there are {count} settings already (change-log.max-settings)");
        if (size - (TextOf(current?.New)?.Length ?? 0) + TextOf(draft.New)!.Length > config.MaxTotalSize)
        {
            throw new RequestRefusedException(
                422, $"all values together would be longer than {config.MaxTotalSize} (change-log.max-total-size)");
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Revision {Revision}: {Name} for '{Scope}', by {Author}")]
    private static partial void SettingChanged(
        ILogger logger, long revision, string name, string scope, string author);
}
