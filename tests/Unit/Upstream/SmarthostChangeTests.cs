using System.Reflection;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Upstream;

public class SmarthostChangeTests
{
    public static TheoryData<string> Settings => [.. Properties().Select(property => property.Name)];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Every_setting_counts(string name)
    {
        PropertyInfo property = Properties().Single(one => one.Name == name);
        var before = new SmarthostOptions();
        SmarthostOptions after = before.Snapshot();
        Assert.False(SmarthostChange.Between(before, after));
        property.SetValue(after, Another(property.GetValue(after)!));

        Assert.True(SmarthostChange.Between(before, after));
        Assert.True(SmarthostChange.Between(after, before));
    }

    [Fact]
    public void A_snapshot_does_not_change_with_what_it_was_taken_of()
    {
        var options = new SmarthostOptions { Mechanisms = new List<string> { "PLAIN" } };
        SmarthostOptions snapshot = options.Snapshot();
        options.Mechanisms.Add("LOGIN");
        options.Disable = ["DSN"];

        Assert.Equal(["PLAIN"], snapshot.Mechanisms);
        Assert.True(SmarthostChange.Between(snapshot, options));
    }

    private static IEnumerable<PropertyInfo> Properties() => typeof(SmarthostOptions).GetProperties().Where(property => property.CanWrite);

    private static object Another(object value) => value switch
    {
        string text => text + "x",
        int number => number + 1,
        bool flag => !flag,
        TimeSpan time => time + TimeSpan.FromSeconds(1),
        SmarthostTls => SmarthostTls.None,
        IList<string> list => (IList<string>)[.. list, "x"],
        _ => throw new NotSupportedException($"{value.GetType()}: teach this test about it"),
    };
}
