using System.Text.RegularExpressions;
using RelayProxy.Harness;

namespace RelayProxy.Unit;

/// <summary>Who may use whom. A room is a folder is a namespace; the arrows are those of the README's walk.</summary>
public partial class RoomsTests
{
    private static readonly string[] s_ground = ["Mail", "Smtp", "Telemetry"];

    private static readonly Dictionary<string, string[]> s_mayUse = new()
    {
        ["Mail"] = [],
        ["Telemetry"] = [],
        ["Smtp"] = ["Mail", "Telemetry"],
        ["Rewrite"] = s_ground,
        ["Queue"] = s_ground,
        ["Intake"] = [.. s_ground, "Rewrite", "Queue"],
        ["Session"] = [.. s_ground, "Intake"],
        ["Listener"] = [.. s_ground, "Session", "Intake"],
        ["Submission"] = [.. s_ground, "Intake"],
        ["Upstream"] = s_ground,
        ["Delivery"] = [.. s_ground, "Rewrite", "Queue", "Intake", "Upstream"],

        // Configuration holds the options of every room, and the rules that stand beside them.
        ["Configuration"] = [.. s_ground, "Rewrite", "Queue", "Intake", "Session", "Listener", "Submission", "Upstream", "Delivery"],
        ["Commands"] = [.. s_ground, "Rewrite", "Queue", "Intake", "Session", "Listener", "Submission", "Upstream", "Delivery", "Configuration"],
    };

    [Fact]
    public void Rooms_use_only_the_rooms_below_them()
    {
        var broken = new List<string>();
        foreach ((string room, string file) in Sources())
        {
            string[] lines = File.ReadAllLines(file);
            for (int i = 0; i < lines.Length; i++)
            {
                foreach (string used in RoomsNamed(lines[i]))
                {
                    if (used != room && !s_mayUse[room].Contains(used))
                    {
                        broken.Add($"{Relative(file)}:{i + 1}: {room} may not use {used}: {lines[i].Trim()}");
                    }
                }
            }
        }

        Assert.Empty(broken);
    }

    [Fact]
    public void Every_room_is_known_and_every_file_is_in_the_namespace_of_its_folder()
    {
        var wrong = new List<string>();
        foreach ((string room, string file) in Sources())
        {
            string folder = Path.GetDirectoryName(Relative(file))!.Replace(Path.DirectorySeparatorChar, '.');
            string expected = $"namespace RelayProxy.{folder};";
            if (!s_mayUse.ContainsKey(room) || !File.ReadLines(file).Contains(expected))
            {
                wrong.Add($"{Relative(file)}: expected {expected}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void The_scan_sees_a_forbidden_use_when_there_is_one()
    {
        Assert.Equal(["Queue"], RoomsNamed("using RelayProxy.Queue;"));
        Assert.Equal(["Queue"], RoomsNamed("    var id = RelayProxy.Queue.Sqlite.Thing.Of(x);"));
        Assert.Equal(["Listener"], RoomsNamed("    /// <see cref=\"Listener.ListenerOptions\"/>"));
        Assert.Empty(RoomsNamed("    var options = settings.Listener.Endpoints;"));
    }

    /// <summary>Every file that stands in a room; the composition at the top may use them all.</summary>
    private static IEnumerable<(string Room, string File)> Sources()
    {
        string root = Repository.Path("src", "RelayProxy");
        foreach (string file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
        {
            string[] parts = Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar);
            if (parts.Length > 1 && parts[0] is not ("bin" or "obj"))
            {
                yield return (parts[0], file);
            }
        }
    }

    private static IEnumerable<string> RoomsNamed(string line) =>
        NamedRoom().Matches(line).Select(match => match.Groups["room"].Value).Where(s_mayUse.ContainsKey).Distinct();

    private static string Relative(string file) => Path.GetRelativePath(Repository.Path("src", "RelayProxy"), file);

    [GeneratedRegex(@"RelayProxy\.(?<room>[A-Z][A-Za-z]+)\b|cref=""(?<room>[A-Z][A-Za-z]+)\.[A-Z]")]
    private static partial Regex NamedRoom();
}
