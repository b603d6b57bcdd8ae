using System.Xml.Linq;
using RelayProxy.Harness;

namespace RelayProxy.Unit;

/// <summary>An image is built of what <c>.dockerignore</c> lets through: nothing the program is compiled from may be missing there.</summary>
public class DockerContextTests
{
    [Fact]
    public void What_is_compiled_in_from_outside_the_sources_reaches_the_image()
    {
        string[] left = [.. File.ReadLines(Repository.Path(".dockerignore")).Where(line => line.Length > 0 && line[0] is not ('#' or '!') && !line.Contains('*', StringComparison.Ordinal))];
        string[] used =
        [
            .. XDocument.Load(Repository.Path("src", "RelayProxy", "RelayProxy.csproj")).Descendants("EmbeddedResource")
                .SelectMany(item => ((string)item.Attribute("Include")!).Split(';'))
                .Where(path => path.StartsWith("../../", StringComparison.Ordinal))
                .Select(path => path["../../".Length..]),
        ];

        Assert.NotEmpty(used);
        Assert.NotEmpty(left);
        Assert.All(used, path => Assert.DoesNotContain(left, prefix => path == prefix || path.StartsWith(prefix + "/", StringComparison.Ordinal)));
    }
}
