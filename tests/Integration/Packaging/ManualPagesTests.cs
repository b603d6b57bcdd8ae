using RelayProxy.Harness;
using RelayProxy.Integration.Foreign;

namespace RelayProxy.Integration.Packaging;

/// <summary>The manual as the programs that show it see it.</summary>
public sealed class ManualPagesTests
{
    [Fact]
    public async Task Nothing_is_wrong_with_any_page()
    {
        await Programs.RequireAsync("mandoc");
        using var folder = new TemporaryFolder();
        (int status, _, string error) = await RelayProcess.RunAsync("manual", "--all", folder.Path);
        Assert.True(status == 0, error);

        string[] pages = Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories);
        Assert.NotEmpty(pages);
        Assert.Empty(await Programs.RunAsync("mandoc", ["-T", "lint", "-W", "warning", .. pages]));
    }
}
