using System.Globalization;
using System.Text.Json;
using RelayProxy.Harness;

namespace RelayProxy.Benchmarks.Load;

/// <summary>A thousand local names that stand for mailboxes elsewhere, as the relay's aliases file and as Postfix's table: both have to look up each recipient.</summary>
internal static class AliasList
{
    public const int Entries = 1000;

    private const string Setting = "AliasFile";

    /// <summary>Whom the message of this number goes to.</summary>
    public static string Recipient(int number) => $"{Name(number)}@localhost";

    /// <returns>The setting that makes a relay use the file that was written; nothing for a relay that knows no aliases.</returns>
    public static async Task<string[]> ForRelayAsync(IReadOnlyList<string> relay, string folder)
    {
        (_, string schema, _) = await ChildProcess.RunApartAsync(relay[0], [.. relay.Skip(1), "config", "schema"]);
        using var document = JsonDocument.Parse(schema);
        if (!document.RootElement.GetProperty("properties").GetProperty("Rewrite").GetProperty("properties").TryGetProperty(Setting, out _))
        {
            return [];
        }

        string path = Path.Combine(folder, "aliases");
        await File.WriteAllLinesAsync(path, Enumerable.Range(0, Entries).Select(i => $"{Name(i)}: {Mailbox(i)}"));
        return [$"Rewrite:{Setting}={path}"];
    }

    /// <returns>The table for <c>virtual_alias_maps</c>, as a file of lines.</returns>
    public static async Task<string> ForPostfixAsync(string folder)
    {
        string path = Path.Combine(folder, "virtual");
        await File.WriteAllLinesAsync(path, Enumerable.Range(0, Entries).Select(i => $"{Recipient(i)} {Mailbox(i)}"));
        return path;
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"user{number % Entries:0000}");

    private static string Mailbox(int number) => string.Create(CultureInfo.InvariantCulture, $"box{number % Entries:0000}@example.net");
}
