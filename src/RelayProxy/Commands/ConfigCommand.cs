using System.CommandLine;
using System.Text.Json;
using RelayProxy.Configuration;
using RelayProxy.Mail;

namespace RelayProxy.Commands;

/// <summary><c>config show|defaults|schema|import</c>: what is set, what can be, what others had set.</summary>
internal static class ConfigCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        Option<bool> json = CommonOptions.Json();
        var changed = new Option<bool>("--changed") { Description = "Only what is not at its default." };
        var show = new Command("show", "Show every setting in effect and where it came from. Secrets are masked.") { json, changed };
        show.SetAction(parsed => Show(context, context.ReadConfiguration(parsed.GetValue(CommonOptions.Config)), parsed.GetValue(json), parsed.GetValue(changed)));

        var defaults = new Command("defaults", "Write the configuration file that has every setting at its default, with unit and reason.");
        defaults.SetAction(_ => context.Output.Write(SettingsGuide.Text));

        var schema = new Command("schema", "Write the JSON Schema of the configuration file.");
        schema.SetAction(_ => context.Output.Write(SettingsSchema.Write()));

        DescribedCommand import = ConfigImportCommand.Create(context);
        return new DescribedCommand(
            new Command("config", "Show what is set, and what can be.") { show, defaults, schema, import.Command },
            [
                (show,
                [
                    "relayproxy config show --changed      what differs from the defaults, and which file or variable says so",
                    "relayproxy config show --json | jq -r 'select(.source != \"default\") | .key'",
                ]),
                (defaults, ["relayproxy config defaults > /etc/relayproxy/relayproxy.json"]),
                .. import.Examples,
            ]);
    }

    /// <summary>Shows what there is also when something is wrong with it: that is when it is looked at.</summary>
    private static int Show(CommandContext context, RelayConfiguration read, bool json, bool changedOnly)
    {
        var table = new Table(context, ("SETTING", 38), ("VALUE", 28), ("SOURCE", 0));
        foreach (ReportedSetting reported in read.Report.Settings.Where(setting => !changedOnly || !setting.IsDefault))
        {
            if (json)
            {
                bool isList = reported.Value.IsList;
                context.Output.WriteLine(JsonSerializer.Serialize(
                    new SettingFacts(reported.Setting.Key, isList ? null : reported.Value.Text, isList ? reported.Value.Items : null, reported.Source),
                    CommandJson.Plain.SettingFacts));
            }
            else
            {
                table.Row(reported.Setting.Key, ConfigurationReport.Shown(reported.Setting, reported.Value), reported.Source);
            }
        }

        ProblemList.WriteWarnings(read.Warnings, context);
        if (read.Problems.Count == 0)
        {
            return ExitCode.Ok;
        }

        ProblemList.Write(read.Problems, context);
        return ExitCode.Configuration;
    }
}
