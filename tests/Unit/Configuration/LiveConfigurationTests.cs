using RelayProxy.Configuration;
using RelayProxy.Harness;

namespace RelayProxy.Unit.Configuration;

public sealed class LiveConfigurationTests : IDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(2);

    private readonly TemporaryFolder _folder = new();
    private readonly TestClock _clock = new();
    private readonly RecordingLogger _log = new();
    private readonly ConfigurationInputs _inputs;
    private int _changes;
    private int _writings;

    public LiveConfigurationTests()
    {
        Write("""{ "Smarthost": { "Host": "one.example.net" }, "Delivery": { "MaxRetry": "1h" } }""");
        _inputs = new ConfigurationInputs { Root = _folder.Path, WorkingFolder = _folder.Path };
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_changed_file_takes_effect_when_it_has_been_seen_unchanged_twice()
    {
        using LiveConfiguration live = Watched();
        _clock.Advance(s_look);
        Assert.Empty(Lines);

        string path = Write("""{ "Smarthost": { "Host": "two.example.net" }, "Delivery": { "MaxRetry": "1h" } }""");
        _clock.Advance(s_look);
        Assert.Equal("one.example.net", live.Options.Smarthost.Host);

        _clock.Advance(s_look);
        Assert.Equal("two.example.net", live.Options.Smarthost.Host);
        Assert.Equal([$"Information: configuration: Smarthost:Host is now \"two.example.net\" ({path}:1)"], Lines);
        Assert.Equal(1, _changes);

        _clock.Advance(s_look * 3);
        Assert.Equal(1, _changes);
    }

    [Fact]
    public void A_bad_file_keeps_the_last_good_settings_and_is_told_once_and_mended_by_the_next_good_one()
    {
        using LiveConfiguration live = Watched();
        string path = Write("""{ "Smarthost": { "Hots": "two.example.net" }, "Delivery": { "MaxRetry": "soon" } }""");
        _clock.Advance(s_look * 5);

        Assert.Equal("one.example.net", live.Options.Smarthost.Host);
        Assert.Equal(0, _changes);
        Assert.Contains($"Error: configuration: Smarthost:Hots ({path}:1): is no setting of this relay; did you mean Smarthost:Host?", Lines);
        Assert.Single(Lines, line => line.EndsWith("problems; the settings as they were before stay in effect", StringComparison.Ordinal));

        Write("""{ "Smarthost": { "Host": "three.example.net" } }""");
        _clock.Advance(s_look * 2);
        Assert.Equal(("three.example.net", TimeSpan.FromHours(4)), (live.Options.Smarthost.Host, live.Options.Delivery.MaxRetry));
    }

    [Fact]
    public void A_file_that_is_taken_away_for_good_is_a_change_and_one_that_a_link_leads_to_anew_too()
    {
        string one = _folder.Write("one.json", """{ "Smarthost": { "Host": "one.example.net" } }""");
        string two = _folder.Write("two.json", """{ "Smarthost": { "Host": "two.example.net.example.org" } }""");
        string path = _folder["config/relayproxy.json"];
        File.Delete(path);
        File.CreateSymbolicLink(path, one);
        using LiveConfiguration live = Watched();

        File.Delete(path);
        File.CreateSymbolicLink(path, two);
        _clock.Advance(s_look * 2);

        Assert.Equal("two.example.net.example.org", live.Options.Smarthost.Host);
    }

    [Fact]
    public void SIGHUP_reads_at_once_and_says_so_when_nothing_has_changed()
    {
        using LiveConfiguration live = Watched();

        Assert.True(live.Reload());
        Assert.Equal(["Information: configuration: read again; nothing has changed"], Lines);
        Assert.Equal(0, _changes);
    }

    [Fact]
    public void A_setting_that_needs_a_restart_keeps_its_value_until_then()
    {
        using LiveConfiguration live = Watched();
        string path = Write("""{ "Smarthost": { "Host": "one.example.net" }, "Delivery": { "MaxRetry": "1h" }, "Queue": { "Path": "/elsewhere" } }""");

        Assert.True(live.Reload());

        Assert.Equal("", live.Options.Queue.Path);
        Assert.Equal([$"Warning: configuration: Queue:Path = \"/elsewhere\" ({path}:1) takes effect at the next start"], Lines);
    }

    [Fact]
    public void A_changed_secret_is_told_without_being_shown()
    {
        using LiveConfiguration live = Watched();
        Write("""{ "Smarthost": { "Host": "one.example.net", "Username": "box", "Password": "hunter2" }, "Delivery": { "MaxRetry": "1h" } }""");

        Assert.True(live.Reload());

        Assert.Equal("hunter2", live.Options.Smarthost.Password);
        Assert.Contains(Lines, line => line.Contains("Smarthost:Password is now \"********\"", StringComparison.Ordinal));
        Assert.DoesNotContain(Lines, line => line.Contains("hunter2", StringComparison.Ordinal));
    }

    private IEnumerable<string> Lines => _log.Entries.Select(entry => $"{entry.Level}: {entry.Text}");

    private LiveConfiguration Watched()
    {
        var live = new LiveConfiguration(_inputs, RelayConfiguration.Read(_inputs).RequireGood(), _clock, _log);
        live.Changed += () => _changes++;
        live.Watch();
        return live;
    }

    /// <summary>Each writing has a time of its own, also where the file system's clock is coarse.</summary>
    private string Write(string json)
    {
        string path = _folder.Write("config/relayproxy.json", json);
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, 0, ++_writings, DateTimeKind.Utc));
        return path;
    }
}
