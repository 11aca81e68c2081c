using System.Globalization;
using Microsoft.Data.Sqlite;
using Tideway.Components;

namespace ConfigService;

/// <summary>The SQLite file that has everything: the <c>database</c> component.</summary>
/// <remarks>Safe for any thread: each opens a connection of its own, out of a pool. Readers wait for nobody; there is
/// one writer at a time, in other processes, too.</remarks>
internal sealed class Database : INamedComponent
{
    /// <summary>What makes the tables of each version out of those before it. A script that was released stays as it
    /// is.</summary>
    private static readonly string[] _scripts =
    [
        """
        CREATE TABLE changes (                     -- the log: what was written once stays
            revision INTEGER PRIMARY KEY AUTOINCREMENT,
            updated_at TEXT NOT NULL UNIQUE,       -- grows with the revision
            author TEXT NOT NULL,
            comment TEXT NOT NULL,
            forced INTEGER NOT NULL,
            rollback_to INTEGER REFERENCES changes,
            name TEXT NOT NULL,
            scope TEXT NOT NULL,                   -- all, stage:NAME or service:NAME
            old_value TEXT,                        -- JSON; null where there was none
            old_kill_switch TEXT,
            new_value TEXT,                        -- JSON; null where it was removed
            new_kill_switch TEXT
        ) STRICT;
        CREATE INDEX changes_by_name ON changes (name, revision);

        CREATE TABLE settings (                    -- the last change of each
            name TEXT NOT NULL,
            scope TEXT NOT NULL,
            revision INTEGER NOT NULL REFERENCES changes,
            PRIMARY KEY (name, scope)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE schemas (                     -- what services say of their variables
            service TEXT PRIMARY KEY,
            document TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """,
    ];

    /// <summary>How many seconds a writer waits for another.</summary>
    private const int Patience = 5;

    private readonly string _source;

    /// <summary>Opens the file, and brings its tables up to date.</summary>
    /// <exception cref="IOException">It cannot be used.</exception>
    public Database(DatabaseConfig config)
    {
        string path = Path.GetFullPath(config.Path);
        _source = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            ForeignKeys = true,
            DefaultTimeout = Patience,
        }.ToString();
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            Upgrade(path);
        }
        catch (SqliteException exception)
        {
            throw new IOException($"database.path: '{path}' cannot be used: {exception.Message}", exception);
        }
    }

    public static string ComponentName => "database";

    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_source);
        connection.Open();
        return connection;
    }

    private void Upgrade(string path)
    {
        using SqliteConnection connection = Open();
        connection.Execute("PRAGMA journal_mode = WAL");
        using SqliteTransaction transaction = connection.BeginTransaction();
        int version = (int)connection.Query("PRAGMA user_version", row => row.GetInt64(0)).Single();
        if (version > _scripts.Length)
        {
            throw new IOException(
                $"database.path: '{path}' has version {version}, this program knows {_scripts.Length}: it is too old");
        }

        foreach (string script in _scripts[version..]) connection.Execute(script);
        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {_scripts.Length}"));
        transaction.Commit();
    }
}
