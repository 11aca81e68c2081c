using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace ConfigService;

/// <summary>Statements in one call. They run in the transaction of the connection, if it has one.</summary>
internal static class SqliteConnectionExtensions
{
    extension(SqliteConnection connection)
    {
        public void Execute(string sql, params IEnumerable<(string Name, object? Value)> parameters)
        {
            using SqliteCommand command = connection.Command(sql, parameters);
            command.ExecuteNonQuery();
        }

        public List<T> Query<T>(
            string sql, Func<SqliteDataReader, T> read, params IEnumerable<(string Name, object? Value)> parameters)
        {
            using SqliteCommand command = connection.Command(sql, parameters);
            using SqliteDataReader reader = command.ExecuteReader();
            var rows = new List<T>();
            while (reader.Read()) rows.Add(read(reader));
            return rows;
        }

        [SuppressMessage("Security", "CA2100", Justification = "The text is this program's; values are parameters.")]
        private SqliteCommand Command(string sql, IEnumerable<(string Name, object? Value)> parameters)
        {
            SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            foreach ((string name, object? value) in parameters)
                command.Parameters.AddWithValue(name, value ?? DBNull.Value);
            return command;
        }
    }
}
