using System.Globalization;
using RelayProxy.Listener;

namespace RelayProxy.Unit.Listener;

public class UserEntryTests
{
    [Theory]
    [InlineData(0u, "root", true)]
    [InlineData(0u, "0", true)]
    [InlineData(0u, "@root", true)]
    [InlineData(0u, "@0", true)]
    [InlineData(1u, "root", false)]
    [InlineData(1u, "@root", false)]
    [InlineData(4294967294u, "4294967294", true)]     // who has no name is meant by number
    [InlineData(4294967294u, "@4294967294", false)]     // and is in no group
    [InlineData(0u, "no-such-user", false)]
    [InlineData(0u, "@no-such-group", false)]
    [InlineData(0u, "99999999999", false)]
    public void A_user_is_meant_by_name_by_number_and_by_group(uint user, string entry, bool isMeant) =>
        Assert.Equal(isMeant ? Answer.Yes : Answer.No, UserEntry.Means(user, entry));

    [Fact]
    public void Whom_a_group_lists_is_in_it_and_nobody_else()
    {
        // As the system's own files have it, on whatever machine this is.
        var users = File.ReadAllLines("/etc/passwd").Select(line => line.Split(':')).DistinctBy(fields => fields[2]).ToArray();
        foreach (string[] group in File.ReadAllLines("/etc/group").Select(line => line.Split(':')).DistinctBy(fields => fields[2]))
        {
            string[] members = group[3].Split(',');
            foreach (string[] user in users)
            {
                bool isIn = user[3] == group[2] || members.Contains(user[0]);
                uint id = uint.Parse(user[2], CultureInfo.InvariantCulture);
                Assert.True((UserEntry.Means(id, $"@{group[0]}") == Answer.Yes) == isIn, $"{user[0]} in {group[0]}");
            }
        }
    }

    [Theory]
    [InlineData("www-data", null)]
    [InlineData("1000", null)]
    [InlineData("@mailers", null)]
    [InlineData("*", "leave the list empty for that")]
    [InlineData("", "which names nobody")]
    [InlineData("@", "which names nobody")]
    [InlineData("a b", "which names nobody")]
    [InlineData("ann@example.net", "which names nobody")]
    [InlineData("4294967296", "which no uid can be")]
    public void An_entry_that_cannot_mean_anybody_is_told(string entry, string? fault)
    {
        string[] problems = [.. ListenerOptionsRules.Broken(new ListenerOptions { AllowedUsers = [entry] })];

        Assert.Equal(fault is null ? 0 : 1, problems.Length);
        Assert.All(problems, problem => Assert.StartsWith($"Listener:AllowedUsers is \"{entry}\", {fault}".TrimEnd(), problem.Replace("which is everybody; ", "", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_that_nobody_has_is_doubtful_and_no_fault()
    {
        var options = new ListenerOptions { AllowedUsers = ["root", "ana", "12345"], DeniedUsers = ["@nobodys"] };

        Assert.Empty(ListenerOptionsRules.Broken(options));
        Assert.Equal(
            [
                "Listener:AllowedUsers names \"ana\", which this machine does not know: nobody is let in by it",
                "Listener:DeniedUsers names \"@nobodys\", which this machine does not know: nobody is kept out by it",
            ],
            ListenerOptionsRules.Doubtful(options));
    }
}
