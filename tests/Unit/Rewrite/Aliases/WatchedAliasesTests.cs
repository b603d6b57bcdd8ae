using Microsoft.Extensions.Logging;

namespace RelayProxy.Unit.Rewrite.Aliases;

/// <summary>The file changes while the relay runs.</summary>
public sealed class WatchedAliasesTests : IDisposable
{
    private readonly TestNames _names = new("root: a@x.example\njoe: j@x.example\n");

    private IEnumerable<string> Errors => _names.Logger.Entries.Where(entry => entry.Level == LogLevel.Error).Select(entry => entry.Text);

    public void Dispose() => _names.Dispose();

    [Fact]
    public void A_new_file_in_the_old_ones_place_counts_a_second_later()
    {
        Assert.Equal("a@x.example", _names.Who("root"));
        File.Move(_names.Write("new", "root: b@x.example\njoe: j@x.example\n"), _names.AliasFile, overwrite: true);
        Assert.Equal("a@x.example", _names.Who("root"));

        LetASecondPass();
        Assert.Equal("b@x.example", _names.Who("root"));
    }

    [Fact]
    public void A_symbolic_link_that_leads_elsewhere_is_a_new_file()
    {
        string link = _names.Write("link", "");
        File.Delete(link);
        File.CreateSymbolicLink(link, _names.Write("one", "root: one@x.example\n"));
        _names.Options.AliasFile = link;
        Assert.Equal("one@x.example", _names.Who("root"));

        File.Delete(link);
        File.CreateSymbolicLink(link, _names.Write("two", "root: two@x.example\n"));
        LetASecondPass();

        Assert.Equal("two@x.example", _names.Who("root"));
    }

    [Fact]
    public void Same_length_and_same_date_are_another_file_all_the_same()
    {
        DateTime date = File.GetLastWriteTimeUtc(_names.AliasFile);
        Assert.Equal("a@x.example", _names.Who("root"));
        string other = _names.Write("new", "root: b@x.example\njoe: j@x.example\n");
        File.SetLastWriteTimeUtc(other, date);
        File.Move(other, _names.AliasFile, overwrite: true);
        LetASecondPass();

        Assert.Equal("b@x.example", _names.Who("root"));
    }

    [Fact]
    public void A_file_that_goes_leaves_what_was_in_it_and_says_so_once()
    {
        Assert.Equal("a@x.example", _names.Who("root"));
        File.Delete(_names.AliasFile);
        for (int i = 0; i < 3; i++)
        {
            LetASecondPass();
            Assert.Equal("a@x.example", _names.Who("root"));
        }

        Assert.Equal($"aliases: {_names.AliasFile}: it does not exist; what was in it before stays in effect", Assert.Single(Errors));
    }

    [Theory]
    [InlineData("this is\nno aliases file\n")]
    [InlineData("\0\u0001\u0002: \u0003\n")]
    public void A_file_in_which_nothing_can_be_understood_leaves_what_was_in_it(string text)
    {
        Assert.Equal("a@x.example", _names.Who("root"));
        Write(text, TimeSpan.FromMinutes(1));

        Assert.Equal("a@x.example", _names.Who("root"));
        Assert.Contains(Errors, line => line.EndsWith("nothing in it can be understood; what was in it before stays in effect", StringComparison.Ordinal));
    }

    [Fact]
    public void A_line_that_cannot_be_read_costs_that_line()
    {
        Assert.Equal("a@x.example", _names.Who("root"));
        Write("root: c@x.example\njoe j@x.example\n", TimeSpan.FromMinutes(1));

        Assert.Equal("c@x.example", _names.Who("root"));
        Assert.StartsWith("550 5.1.1 ", _names.Who("joe"), StringComparison.Ordinal);
        Assert.StartsWith($"aliases: {_names.AliasFile}:2:1: there is no colon", Assert.Single(Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_being_written_anew_is_believed_when_it_is_a_second_old()
    {
        Assert.Equal("j@x.example", _names.Who("joe"));
        Write("root: b@x.example\n", TimeSpan.Zero);
        Assert.Equal("j@x.example", _names.Who("joe"));

        LetASecondPass();
        Assert.StartsWith("550 5.1.1 ", _names.Who("joe"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_added_counts_at_once()
    {
        Assert.StartsWith("550 ", _names.Who("new"), StringComparison.Ordinal);
        Write("root: a@x.example\njoe: j@x.example\nnew: n@x.example\n", TimeSpan.Zero);

        Assert.Equal("n@x.example", _names.Who("new"));
    }

    [Fact]
    public void A_file_that_was_never_readable_puts_mail_for_this_machine_off_and_no_other()
    {
        using var names = new TestNames();
        names.Options.AliasFile = Path.GetDirectoryName(names.AliasFile)!;

        Assert.StartsWith("451 4.3.5 ", names.Who("root"), StringComparison.Ordinal);
        Assert.Equal("jo@x.example", names.Who("jo@x.example"));
        Assert.Contains(names.Logger.Entries, entry => entry.Text.EndsWith("it is not a file; mail that needs it is put off", StringComparison.Ordinal));
    }

    [Fact]
    public void No_file_is_no_error()
    {
        using var names = new TestNames();
        File.Delete(names.AliasFile);

        Assert.StartsWith("550 5.1.1 ", names.Who("root"), StringComparison.Ordinal);
        Assert.Empty(names.Logger.Entries);
    }

    [Fact]
    public void An_included_list_is_watched_as_well()
    {
        string list = _names.Write("list", "a@x.example\n");
        File.WriteAllText(_names.AliasFile, $"team: :include:{list}\n");
        Assert.Equal("a@x.example", _names.Who("team"));

        File.Move(_names.Write("new", "b@x.example\n"), list, overwrite: true);
        LetASecondPass();
        Assert.Equal("b@x.example", _names.Who("team"));

        File.Delete(list);
        LetASecondPass();
        Assert.Equal("b@x.example", _names.Who("team"));
    }

    [Fact]
    public void Programs_are_named_by_files_only_that_nobody_else_can_write()
    {
        _names.Options.AllowCommands = true;
        _names.Options.AllowFiles = true;
        Write("prog: \"|/bin/cat -n\"\nfile: /srv/box\nfolder: /srv/box/\nlist: :include:" + _names.Write("list", "|/bin/true\n/srv/other\n") + "\n", TimeSpan.FromMinutes(1));
        Assert.Equal("|/bin/cat -n", _names.Who("prog"));
        Assert.Equal("/srv/box", _names.Who("file"));
        Assert.Equal("/srv/box/", _names.Who("folder"));
        Assert.StartsWith("451 4.3.5 This name's alias needs Rewrite:AllowCommandsInIncludes", _names.Who("list"), StringComparison.Ordinal);

        _names.Options.AllowCommandsInIncludes = true;
        Assert.Equal("|/bin/true", _names.Who("list"));
        _names.Options.AllowFilesInIncludes = true;
        Assert.Equal("|/bin/true, /srv/other", _names.Who("list"));

        File.SetUnixFileMode(_names.AliasFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherWrite);
        LetASecondPass();
        Assert.Equal(
            ["451 4.3.5 This name's alias names a program or a file, and others may change the file that says so"],
            new[] { "prog", "file", "folder", "list" }.Select(_names.Who).Distinct());
    }

    private void LetASecondPass() => _names.Clock.Advance(TimeSpan.FromSeconds(1));

    /// <summary>Writes in place, as long ago by the relay's clock, and looks again.</summary>
    private void Write(string text, TimeSpan age)
    {
        File.WriteAllText(_names.AliasFile, text);
        LetASecondPass();
        File.SetLastWriteTimeUtc(_names.AliasFile, (_names.Clock.GetUtcNow() - age).UtcDateTime);
    }
}
