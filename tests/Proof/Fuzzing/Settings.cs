using RelayProxy.Configuration;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Fuzzing;

/// <summary>What an operator sets.</summary>
internal static class Settings
{
    private const string Secret = "Sesame-4711";

    private static readonly string s_folder = Directory.CreateTempSubdirectory("relayproxy-fuzz-").FullName;

    static Settings() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(s_folder, recursive: true);

    /// <summary>A file is read, or every mistake in it is told; a secret is told to nobody.</summary>
    public static string ReadFile(byte[] input)
    {
        string file = Path.Combine(s_folder, "relayproxy.json");
        File.WriteAllBytes(file, input);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return Read(new ConfigurationInputs { Root = s_folder, WorkingFolder = s_folder, File = file });
    }

    /// <summary>So are variables, a NUL between one and the next.</summary>
    public static string ReadEnvironment(byte[] input)
    {
        var variables = new Dictionary<string, string>();
        foreach (string[] pair in Sequences.Text(input).Split('\0').Select(variable => variable.Split('=', 2)).Where(pair => pair.Length == 2))
        {
            variables[pair[0]] = pair[1];
        }

        return Read(new ConfigurationInputs { Root = s_folder, WorkingFolder = s_folder, Environment = variables });
    }

    private static string Read(ConfigurationInputs inputs)
    {
        RelayConfiguration read = RelayConfiguration.Read(inputs);
        Assert.All(read.Problems.Concat(read.Warnings), problem => Assert.NotEmpty(problem.Trouble));
        if (read.Options.Smarthost.Password == Secret)
        {
            Assert.DoesNotContain(read.Report.Settings, setting => setting.ToString().Contains(Secret, StringComparison.Ordinal));
        }

        return string.Join(' ', read.Problems.Concat(read.Warnings).Select(problem => problem.Key).Distinct().Order(StringComparer.Ordinal))
            + read.Report.Settings.Count(setting => !setting.IsDefault);
    }
}
