using RelayProxy.Configuration.Dma;
using RelayProxy.Queue;

namespace RelayProxy.Configuration;

/// <summary>Finds the one configuration file: the first of <c>--config</c>, <c>RELAYPROXY_CONFIG</c>,
/// <c>/etc/relayproxy/relayproxy.json</c> and <c>config/relayproxy.json</c> in the working folder. Having none is fine;
/// naming one that cannot be read is not. Where a dma.conf is named, only a file that is named too is read over it.</summary>
internal static class ConfigurationFile
{
    public const string Variable = "RELAYPROXY_CONFIG";

    public static string? Find(ConfigurationInputs inputs)
    {
        string? named = inputs.File ?? inputs.Environment.GetValueOrDefault(Variable);
        if (!string.IsNullOrEmpty(named))
        {
            return Path.Combine(inputs.WorkingFolder, named);
        }

        // dma.conf stands in the place of the file that nobody named.
        if (DmaFile.Find(inputs) is not null)
        {
            return null;
        }

        string[] usual =
        [
            Path.Combine(inputs.Root, "etc/relayproxy/relayproxy.json"),
            Path.Combine(inputs.WorkingFolder, "config/relayproxy.json"),
        ];
        return usual.FirstOrDefault(File.Exists);
    }

    public static List<SourcedSetting> Read(string path, int rank, ICollection<ConfigurationProblem> problems)
    {
        try
        {
            byte[] json = File.ReadAllBytes(path);

            // Whoever may write this file may name the smarthost, and a program to run for the password.
            if (File.GetUnixFileMode(path).HasFlag(UnixFileMode.OtherWrite))
            {
                problems.Add(new ConfigurationProblem("", null, path, $"may be written by everyone; type: chmod o-w {path}"));
                return [];
            }

            return JsonFile.Read(path, json, rank, problems);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // As the packages install it: it may hold a password.
            bool isForbidden = fault is UnauthorizedAccessException && File.Exists(path) && File.GetUnixFileMode(path).HasFlag(UnixFileMode.GroupRead);
            string trouble = isForbidden ? FileOwner.WhoMay(path) : SecretFile.Reason(fault, path);
            problems.Add(new ConfigurationProblem("", null, path, trouble) { IsForbidden = isForbidden });
            return [];
        }
    }
}
