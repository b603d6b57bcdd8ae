using RelayProxy.Harness;

namespace RelayProxy.Integration.Processes;

/// <summary>The program in the forms in which it is shipped. A warning of the compiler or the trimmer is an error, as everywhere here.</summary>
/// <param name="folder">For all forms: what they have in common is compiled once.</param>
public sealed class PublishedProgramTests(PublishedProgramTests.Folder folder) : IClassFixture<PublishedProgramTests.Folder>
{
    [Theory]
    [InlineData("--self-contained", "false")]
    [InlineData("--self-contained", "true", "-p:PublishTrimmed=true", "-p:PublishReadyToRun=false")]    // compiling the framework too would take minutes
    public async Task The_published_program_carries_a_message(params string[] form)
    {
        string program = await PublishAsync(form);

        (int status, string output) = await ChildProcess.RunAsync(program, ["demo", "--once"]);

        Assert.True(status == 0, output);
        Assert.Contains("status=delivered (250 2.0.0 Taken as demo-1)", output, StringComparison.Ordinal);
        await AssertTakesMailAsync(program);
    }

    /// <summary>By the name that programs call it by.</summary>
    private static async Task AssertTakesMailAsync(string program)
    {
        string sendmail = Path.Combine(Path.GetDirectoryName(program)!, "sendmail");
        string queue = Directory.CreateDirectory(program + "-queue", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        File.CreateSymbolicLink(sendmail, program);
        var settings = new Dictionary<string, string> { ["RELAYPROXY_Queue__Path"] = queue, ["RELAYPROXY_Listener__Endpoints"] = $"unix:{queue}/nobody.sock" };

        (int status, string output) = await ChildProcess.RunAsync("sh", ["-c", "echo body | \"$0\" -i box@example.net", sendmail], settings);
        Assert.True(status == 0, output);

        (_, output) = await ChildProcess.RunAsync(program, ["mailq"], settings);
        Assert.Contains("box@example.net", output, StringComparison.Ordinal);
    }

    /// <returns>The executable.</returns>
    private async Task<string> PublishAsync(string[] form)
    {
        string output = Path.Combine(folder.Path, Guid.NewGuid().ToString());
        (int status, string said) = await ChildProcess.RunAsync(
            "dotnet",
            [
                "publish", Repository.Path("src", "RelayProxy"), "-c", "Release", "-r", "linux-x64", "-o", output,
                "--artifacts-path", Path.Combine(folder.Path, "artifacts"), "-v", "quiet", "-nologo", .. form,
            ],
            patience: TimeSpan.FromMinutes(8));
        Assert.True(status == 0, said);
        Assert.DoesNotContain("warning", said, StringComparison.Ordinal);
        return Path.Combine(output, "relayproxy");
    }

    public sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("relayproxy-publish-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
