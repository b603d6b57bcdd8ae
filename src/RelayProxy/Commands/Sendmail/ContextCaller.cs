using RelayProxy.Configuration;
using RelayProxy.Listener;
using RelayProxy.Submission;
using RelayProxy.Submission.Handing;

namespace RelayProxy.Commands.Sendmail;

/// <summary>Whoever called, where the command's context stands between.</summary>
internal sealed class ContextCaller(CommandContext context) : Caller
{
    public override string? DigestPath
    {
        get
        {
            ConfigurationInputs inputs = context.Inputs;
            bool hasSettings = inputs.Environment.Keys.Any(name => name.StartsWith(EnvironmentSettings.Prefix, StringComparison.OrdinalIgnoreCase))
                || CommandLineSettings.Others(inputs.Arguments).Count < inputs.Arguments.Count;
            return hasSettings ? null : Path.Join(inputs.Root, SubmissionDigest.UsualPath);
        }
    }

    public override Stream Input { get; } = context.OpenInputStream();

    public override string? Variable(string name) => context.Inputs.Environment.GetValueOrDefault(name);

    public override void Say(string line) => context.Say(line);

    public override bool Answer(ReadOnlySpan<byte> octets)
    {
        Stream output = context.OpenOutputStream();
        output.Write(octets);
        output.Flush();
        return true;
    }

    public override void Complain(string line) => context.Complain(line);

    public override void Log(string line, bool isDetail)
    {
        // The system's log hears what a program's own sendmail has to say; this one was typed by somebody.
    }

    protected override string NameInDirectory() => LocalUsers.NameOf(UserId);
}
