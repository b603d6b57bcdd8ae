using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Win32.SafeHandles;
using RelayProxy.Delivery.Local;
using RelayProxy.Queue;

namespace RelayProxy.Commands.Install;

/// <summary>
/// What <c>install</c> has done to a machine, in order, so that <c>uninstall</c> undoes that and nothing else. Each step is written down
/// before it is done: an interruption leaves nothing that nobody knows of.
/// </summary>
internal sealed class InstallManifest
{
    public const string Path = "/etc/relayproxy/installed.json";

    private readonly InstallSite _site;
    private readonly List<InstallStep> _steps;

    private InstallManifest(InstallSite site, ManifestFacts facts)
    {
        _site = site;
        _steps = [.. facts.Steps];
        IsFinished = facts.Finished;
    }

    public IReadOnlyList<InstallStep> Steps => _steps;

    /// <summary>The last <c>install</c> came to its end.</summary>
    public bool IsFinished { get; private set; }

    /// <exception cref="InstallException">It cannot be read.</exception>
    public static InstallManifest Read(InstallSite site)
    {
        if (!File.Exists(site[Path]))
        {
            return new InstallManifest(site, new ManifestFacts(Finished: true, []));
        }

        try
        {
            using FileStream file = File.OpenRead(site[Path]);
            return new InstallManifest(site, JsonSerializer.Deserialize(file, InstallJson.Default.ManifestFacts)!);
        }
        catch (JsonException fault)
        {
            throw new InstallException($"{site[Path]}, which says what was installed, cannot be read: {fault.Message}");
        }
    }

    public bool Has(InstallStep step) => _steps.Exists(step.IsSameAs);

    /// <summary>Writes down a step that is about to be done; one that is done anew stays where it is in the order.</summary>
    public void Record(InstallStep step)
    {
        int at = _steps.FindIndex(step.IsSameAs);
        if (at < 0)
        {
            _steps.Add(step);
        }
        else
        {
            _steps[at] = step;
        }

        IsFinished = false;
        Write();
    }

    public void Forget(InstallStep step)
    {
        _steps.RemoveAll(step.IsSameAs);
        Write();
    }

    public void Finish()
    {
        if (!IsFinished)
        {
            IsFinished = true;
            Write();
        }
    }

    private void Write()
    {
        string path = _site[Path];
        if (_steps.Count == 0)
        {
            // The folder is gone with the first of the steps.
            if (File.Exists(path))
            {
                File.Delete(path);
            }

            return;
        }

        string folder = System.IO.Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        string draft = path + ".new";
        File.Delete(draft);
        using (SafeFileHandle file = DurableFile.Create(draft))
        {
            RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(new ManifestFacts(IsFinished, _steps), InstallJson.Default.ManifestFacts), 0);
            const uint everybodyMayRead = 0x1a4;
            Posix.ChangeMode(file, everybodyMayRead, draft);
            DurableFile.Sync(file, draft);
        }

        File.Move(draft, path, overwrite: true);
        DurableFile.SyncFolder(folder);
    }
}

internal sealed record ManifestFacts(bool Finished, IReadOnlyList<InstallStep> Steps);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(ManifestFacts))]
internal sealed partial class InstallJson : JsonSerializerContext;
