using Microsoft.Extensions.Configuration;
using RelayProxy.Configuration.Dma;

namespace RelayProxy.Configuration;

/// <summary>The settings as all sources together have them, at the moment they were read.</summary>
internal sealed class RelayConfiguration
{
    private RelayConfiguration(
        RelayOptions options,
        ConfigurationReport report,
        IReadOnlyList<ConfigurationProblem> problems,
        IReadOnlyList<ConfigurationProblem> warnings,
        IReadOnlyList<string> files)
    {
        Options = options;
        Report = report;
        Problems = problems;
        Warnings = warnings;
        Files = files;
    }

    public RelayOptions Options { get; }

    public ConfigurationReport Report { get; }

    /// <summary>All that is wrong; the options are to be used only if nothing is.</summary>
    public IReadOnlyList<ConfigurationProblem> Problems { get; }

    /// <summary>What is not as somebody may think it is, and stands in nobody's way.</summary>
    public IReadOnlyList<ConfigurationProblem> Warnings { get; }

    /// <summary>The files that were read: when one changes, reading again is worth it.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Reads every source, in order of precedence: what comes later wins.</summary>
    public static RelayConfiguration Read(ConfigurationInputs inputs)
    {
        var problems = new List<ConfigurationProblem>();
        var warnings = new List<ConfigurationProblem>();
        var files = new List<string>();
        var builder = new ConfigurationBuilder();

        // 0. Built-in defaults: the options as they are constructed; config/relayproxy.json says why they are what they are.
        var options = new RelayOptions();

        // 1. The configuration file of dma, in the place of our own or below it.
        if (DmaFile.Find(inputs) is { } dma)
        {
            builder.Add(new SettingsSource(rank => Take(DmaFile.Read(dma, inputs.Root, rank), problems, warnings, files)));
        }

        // 2. The configuration file.
        string? file = ConfigurationFile.Find(inputs, warnings);
        if (file is not null)
        {
            files.Add(file);
            builder.Add(new SettingsSource(rank => ConfigurationFile.Read(file, rank, problems)));
        }

        // 3. The environment: RELAYPROXY_Section__Key.
        builder.Add(new SettingsSource(rank => EnvironmentSettings.Read(inputs.Environment, rank)));

        // 4. Secrets that a container engine mounted.
        builder.Add(new SettingsSource(rank => CredentialFiles.Read(Path.Combine(inputs.Root, "run/secrets"), rank, "file")));

        // 5. Secrets that systemd loaded.
        builder.Add(new SettingsSource(rank => CredentialFiles.Read(
            inputs.Environment.GetValueOrDefault("CREDENTIALS_DIRECTORY"), rank, "$CREDENTIALS_DIRECTORY")));

        // 6. The command line: --Section:Key=value.
        builder.Add(new SettingsSource(rank => CommandLineSettings.Read(inputs.Arguments, rank)));

        var settings = SourceOrder.Settle(builder.Build(), problems, files);
        SettingsCheck.Apply(settings, options, problems);
        warnings.AddRange(SettingsCheck.Doubtful(settings, options));
        var report = ConfigurationReport.Of(options, settings);

        // The URL has been taken apart above, by precedence; nobody below need do it again.
        options.Smarthost.Url = "";
        return new RelayConfiguration(options, report, problems, warnings, files);
    }

    private static List<SourcedSetting> Take(
        DmaReport report, List<ConfigurationProblem> problems, List<ConfigurationProblem> warnings, List<string> files)
    {
        problems.AddRange(report.Problems);
        warnings.AddRange(report.Warnings);
        files.AddRange(report.Files);
        return report.Settings;
    }

    /// <summary>What is wrong, and what is missing for sending mail.</summary>
    public IReadOnlyList<ConfigurationProblem> ProblemsForSending => [.. Problems, .. SettingsCheck.Missing(Options)];

    /// <exception cref="ConfigurationException">Mail cannot be sent with it.</exception>
    public RelayConfiguration RequireGood() =>
        ProblemsForSending is { Count: > 0 } problems ? throw new ConfigurationException(problems) : this;
}
