using System.Globalization;
using System.Reflection;

namespace RelayProxy.Queue.Sqlite;

/// <summary>The numbered steps of <c>Schema/</c>, run once each, in order; <c>user_version</c> says how many have been.</summary>
internal static class Schema
{
    private static readonly string[] s_steps = ["001-messages.sql", "002-long-queues.sql", "003-local.sql"];

    /// <summary>What this program knows.</summary>
    public static int Version => s_steps.Length;

    public static int VersionOf(SqliteDatabase database) => (int)database.QueryInt64("PRAGMA user_version");

    /// <summary>Runs the steps that are missing, each in a transaction of its own.</summary>
    public static void Upgrade(SqliteDatabase database) => Upgrade(database, Version);

    /// <summary>Runs the steps up to one of them: for tests, which need databases as they once were.</summary>
    public static void Upgrade(SqliteDatabase database, int through)
    {
        for (int version = VersionOf(database); version < through; version++)
        {
            database.Execute("BEGIN IMMEDIATE");
            database.Execute(Step(s_steps[version]));
            database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version + 1}"));
            database.Execute("COMMIT");
        }
    }

    private static string Step(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Queue.Schema.{name}")
            ?? throw new InvalidOperationException($"Schema step {name} is not in the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
