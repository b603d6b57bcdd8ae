using RelayProxy.Harness;
using RelayProxy.Integration.Foreign;

namespace RelayProxy.Integration.Packaging;

/// <summary>The shells themselves complete what is typed.</summary>
public sealed class CompletionTests(CompletionTests.Scripts scripts) : IClassFixture<CompletionTests.Scripts>
{
    private readonly TemporaryFolder _folder = scripts.Folder;

    /// <summary>Keys as they are typed, and the words that the program then gets.</summary>
    [Theory]
    [InlineData(@"queue rel\t", "queue", "release")]
    [InlineData(@"que\tli\t--sta\thel\t--js\t", "queue", "list", "--state", "held", "--json")]
    [InlineData(@"--Smarth\tHo\tx", "--Smarthost:Host=x")]
    [InlineData(@"check --Smarthost:Tls=St\t--con\tn\t", "check", "--Smarthost:Tls=StartTls", "--connect")]
    [InlineData(@"--Listener:AllowNon\tt\tserv\t", "--Listener:AllowNonLoopback=true", "serve")]
    [InlineData(@"--Smarthost:CaFile=FOLDER/completion.b\t", "--Smarthost:CaFile=FOLDER/completion.bash")]
    [InlineData(@"--conf\tFOLDER/completion.b\tche\t", "--config", "FOLDER/completion.bash", "check")]
    [InlineData(@"config import ex\tFOLDER/completion.z\t", "config", "import", "exim", "FOLDER/completion.zsh")]
    [InlineData(@"queue show \tx", "queue", "show", "x")]                 // ids are nobody's to guess
    public async Task Bash_completes_what_is_typed(string keys, params string[] words)
    {
        string startup = _folder.Write("bashrc", $"""
            source {_folder["completion.bash"]}
            relayproxy() {"{"} printf 'word %s\n' "$@"; exit; {"}"}
            bind 'set bell-style none' 'set enable-bracketed-paste off'
            PS1=

            """);

        (_, string output) = await ChildProcess.RunAsync(
            "sh", ["-c", $"printf 'relayproxy {In(keys)}\\n' | TERM=dumb script -qc 'bash --rcfile {startup} -i' /dev/null"]);

        Assert.Equal(words.Select(In), Words(output.Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.StartsWith("word ", StringComparison.Ordinal))));
    }

    /// <summary>What zsh's own functions, which show it, are given.</summary>
    [Theory]
    [InlineData("release:Let held and parked messages go, now.", "queue", "rel")]
    [InlineData("held", "queue", "list", "--state", "")]
    [InlineData("StartTls", "--Smarthost:Tls=S")]
    [InlineData(@"--Smarthost\:Host=:The smarthost's name, as in its certificate; or an IP address.", "--Smarthost:H")]
    [InlineData("--connect:Also look up, connect to and log in at the smarthost.", "check", "--c")]
    [InlineData("a file", "--config", "")]
    [InlineData("a file", "aliases", "check", "")]
    [InlineData("exim", "config", "import", "")]
    public async Task Zsh_is_told_what_may_stand_there(string offered, params string[] words)
    {
        string script = _folder.Write("test.zsh", $$"""
            _describe() { print -rl -- ${(P)4} }
            compadd() { shift; print -rl -- $@ }
            compset() { PREFIX=${PREFIX#*=} }
            _files() { print a file }
            words=(relayproxy "$@") CURRENT=$#words PREFIX=$words[-1]
            source {{_folder["completion.zsh"]}}

            """);

        string output = await Programs.RunAsync("zsh", ["-f", script, .. words]);

        Assert.Contains(offered, output.Split('\n'));
    }

    [Theory]
    [InlineData("release", "queue rel")]
    [InlineData("held", "queue list --state ")]
    [InlineData("--Smarthost:Tls=StartTls", "--Smarthost:Tls=St")]
    [InlineData("--Smarthost:Host", "--Smarthost:H")]
    [InlineData("--connect", "check --c")]
    [InlineData("FOLDER/completion.zsh", "--config FOLDER/completion.z")]
    [InlineData("FOLDER/completion.zsh", "aliases check FOLDER/completion.z")]
    [InlineData("exim", "config import ")]
    public async Task Fish_completes_what_is_typed(string offered, string typed)
    {
        string output = await Programs.RunAsync(
            "fish", "--no-config", "-c", $"source {_folder["completion.fish"]}; complete -C 'relayproxy {In(typed)}'");

        Assert.Contains(In(offered), output.Split('\n').Select(line => line.Split('\t')[0]));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task The_script_is_sound(string shell) => Assert.Empty(await Programs.RunAsync(shell, "-n", _folder[$"completion.{shell}"]));

    private static IEnumerable<string> Words(IEnumerable<string> lines) => lines.Select(line => line["word ".Length..]);

    private string In(string text) => text.Replace("FOLDER", _folder.Path, StringComparison.Ordinal);

    /// <summary>What the program writes for each shell.</summary>
    public sealed class Scripts : IAsyncLifetime
    {
        internal TemporaryFolder Folder { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await Programs.RequireAsync("bash", "script", "zsh", "fish");
            foreach (string shell in new[] { "bash", "zsh", "fish" })
            {
                (int status, string output, string error) = await RelayProcess.RunAsync("completion", shell);
                Assert.True(status == 0, error);
                Folder.Write($"completion.{shell}", output);
            }
        }

        public ValueTask DisposeAsync()
        {
            Folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
