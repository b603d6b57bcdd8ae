using RelayProxy.Configuration.Dma;
using RelayProxy.Queue;

namespace RelayProxy.Configuration;

/// <summary>Finds the one configuration file: the first of <c>--config</c>, <c>RELAYPROXY_CONFIG</c>,
/// <c>/etc/relayproxy/relayproxy.json</c> and <c>config/relayproxy.json</c> in the working folder. Having none is fine;
/// naming one that cannot be read is not. Where a dma.conf is named, only a file that is named too is read over it.</summary>
internal static class ConfigurationFile
{
    public const string Variable = "RELAYPROXY_CONFIG";

    /// <param name="warnings">Told of a file that is not read.</param>
    public static string? Find(ConfigurationInputs inputs, ICollection<ConfigurationProblem> warnings)
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

        string installed = Path.Combine(inputs.Root, "etc/relayproxy/relayproxy.json");
        string here = Path.Combine(inputs.WorkingFolder, "config/relayproxy.json");
        return File.Exists(installed) ? installed
            : File.Exists(here) && IsToBeTrusted(here, warnings) ? here
            : null;
    }

    /// <summary>Nobody asked for what lies about where we happen to stand: whoever waits for root to come by must not choose the smarthost, nor a
    /// program to run for the password.</summary>
    private static bool IsToBeTrusted(string path, ICollection<ConfigurationProblem> warnings)
    {
        uint? owner = FileOwner.Of(path);
        if (owner is null or 0 || owner == FileOwner.Ourselves)
        {
            return true;
        }

        warnings.Add(new ConfigurationProblem("", null, path, $"belongs to another user (uid {owner}) and is not read; if it is meant, name it: --config {path}"));
        return false;
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
