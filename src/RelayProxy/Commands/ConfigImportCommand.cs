using System.CommandLine;
using System.Text;
using RelayProxy.Configuration.Import;
using RelayProxy.Mail;

namespace RelayProxy.Commands;

/// <summary><c>config import</c>: another program's configuration as a relayproxy.json, and a line on standard error for each line that was read.</summary>
internal static class ConfigImportCommand
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static DescribedCommand Create(CommandContext context)
    {
        var program = new Argument<string>("program") { Description = "Whose configuration it is." };
        program.AcceptOnlyFromAmong([.. ImportSources.All.Keys]);
        var paths = new Argument<string[]>("path") { Description = "Its files, or the folder they are in.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string?>("--output", "-o") { Description = "Write to this new file instead of standard output.", HelpName = "FILE" };
        var secrets = new Option<string?>("--secrets-folder")
        {
            Description = "Where passwords are written, each to a new file of mode 600. Without it: the folder of --output.",
            HelpName = "FOLDER",
        };
        var command = new Command("import", "Write the configuration file that does what another program's did, and tell what became of each line.")
        {
            program, paths, output, secrets,
        };
        command.SetAction(parsed => Import(
            context,
            parsed.GetRequiredValue(program),
            [.. parsed.GetRequiredValue(paths).Select(path => Path.Combine(context.Inputs.WorkingFolder, path))],
            Whole(context, parsed.GetValue(output)),
            Whole(context, parsed.GetValue(secrets))));
        return new DescribedCommand(
            command,
            "relayproxy config import postfix /etc/postfix --output /etc/relayproxy/relayproxy.json",
            "relayproxy config import exim /etc/exim4 /etc/email-addresses /etc/mailname --secrets-folder /etc/relayproxy",
            "relayproxy config import msmtp ~/.msmtprc > /dev/null          only tell what would become of each line");
    }

    private static int Import(CommandContext context, string program, string[] paths, string? output, string? secrets)
    {
        var draft = new ImportDraft();
        try
        {
            ImportSources.All[program](new ImportFiles(paths), draft);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            context.Complain($"relayproxy config import: {fault.Message}");
            return ExitCode.NoInput;
        }

        try
        {
            secrets ??= Path.GetDirectoryName(output);
            WriteSecrets(context, draft, secrets);
            string json = ImportedJson.Write(draft.Settings);
            if (output is null)
            {
                context.Output.Write(json);
            }
            else
            {
                WriteNew(output, json);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            context.Complain($"relayproxy config import: {fault.Message}");
            return ExitCode.CannotCreate;
        }

        foreach (ImportNote note in draft.Notes)
        {
            string where = note.Line == 0 ? note.File : $"{note.File}:{note.Line}";
            context.Complain($"{where}: {Word(note.Verdict)}: {note.Text}");
        }

        return ExitCode.Ok;
    }

    /// <summary>Never to standard output: it goes into terminals' memories and into logs.</summary>
    private static void WriteSecrets(CommandContext context, ImportDraft draft, string? folder)
    {
        foreach (ImportedSecret secret in draft.Secrets)
        {
            if (folder is null)
            {
                context.Complain($"relayproxy config import: the secret of {secret.Key} is left out; --secrets-folder or --output says where its file is to be");
                continue;
            }

            string path = Path.Combine(folder, secret.FileName);
            WriteNew(path, secret.Text + "\n");
            draft.Set(secret.Key, path);
        }
    }

    private static void WriteNew(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    private static string? Whole(CommandContext context, string? path) => path is null ? null : Path.Combine(context.Inputs.WorkingFolder, path);

    private static string Word(ImportVerdict verdict) => verdict switch
    {
        ImportVerdict.Kept => "kept",
        ImportVerdict.Changed => "changed",
        ImportVerdict.Dropped => "not needed",
        ImportVerdict.Impossible => "impossible",
    };
}
