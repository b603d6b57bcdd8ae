using System.CommandLine;
using System.Globalization;

namespace RelayProxy.Commands.Manual;

/// <summary><c>manual</c>: the manual pages, as man(1) reads them. The program writes them itself, so they cannot tell of an option that it lacks.</summary>
internal static class ManualCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        var page = new Argument<string?>("page")
        {
            Description = "Which page.",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => RelayPage.Name,
        };
        page.AcceptOnlyFromAmong([.. ManualPages.All.Select(entry => entry.Name)]);
        var all = new Option<string?>("--all") { Description = "Write every page into this folder, as man8/relayproxy.8 and so on.", HelpName = "FOLDER" };
        var command = new Command("manual", "Write a page of the manual.") { page, all };
        command.SetAction(parsed =>
        {
            DateOnly date = Date(context);
            CommandModel model = CommandTable.Describe(context);
            if (parsed.GetValue(all) is not { } folder)
            {
                context.Output.Write(ManualPages.All.First(entry => entry.Name == parsed.GetValue(page)).Write(model, date));
                return;
            }

            foreach ((string name, int section, Func<CommandModel, DateOnly, ManPage> write) in ManualPages.All)
            {
                string path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, $"man{section}")).FullName, $"{name}.{section}");
                File.WriteAllText(path, write(model, date).ToString());
            }
        });
        return new DescribedCommand(
            command,
            "relayproxy manual | man -l -                   this program's page, where it is not installed",
            "relayproxy manual relayproxy.json | man -l -   every setting",
            "relayproxy manual --all /usr/local/share/man");
    }

    /// <summary>Today; or the day that a build says, which is to give the same octets every time (reproducible-builds.org).</summary>
    private static DateOnly Date(CommandContext context)
    {
        DateTimeOffset time = long.TryParse(
            context.Inputs.Environment.GetValueOrDefault("SOURCE_DATE_EPOCH"), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : context.Clock.GetUtcNow();
        return DateOnly.FromDateTime(time.UtcDateTime);
    }
}
