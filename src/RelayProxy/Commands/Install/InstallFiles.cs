namespace RelayProxy.Commands.Install;

/// <summary>The files that other programs have to have, as they stand in <c>config</c>; the program brings them along.</summary>
internal static class InstallFiles
{
    public static byte[] Read(string name)
    {
        using Stream file = typeof(InstallFiles).Assembly.GetManifestResourceStream($"Install/{name}")!;
        byte[] content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }
}
