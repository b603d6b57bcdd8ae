using RelayProxy.Harness;
using RelayProxy.Listener;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Listener;

public class UserPolicyTests
{
    private const uint Anna = 1000;
    private const uint Relay = 999;
    private readonly TestClock _clock = new();
    private readonly ListenerOptions _options = new();
    private Func<uint, string, Answer> _system = static (user, entry) => entry switch
    {
        "anna" or "@staff" when user == Anna => Answer.Yes,
        "@ldap" => Answer.Unknown,
        _ => Answer.No,
    };

    [Theory]
    [InlineData("", "", true)]                  // the default: everybody
    [InlineData("anna", "", true)]
    [InlineData("bob", "", false)]
    [InlineData("bob,@staff", "", true)]
    [InlineData("", "anna", false)]
    [InlineData("", "bob", true)]
    [InlineData("anna", "@staff", false)]       // deny wins
    [InlineData("anna,@ldap", "", true)]        // what is known for sure is enough
    [InlineData("", "@ldap,anna", false)]
    public void A_user_is_let_in_by_one_list_and_kept_out_by_the_other(string allowed, string denied, bool mayCome)
    {
        (_options.AllowedUsers, _options.DeniedUsers) = (List(allowed), List(denied));

        Assert.Equal(mayCome, Ask(Anna) is null);
    }

    [Fact]
    public void The_refusal_names_the_user_and_the_setting()
    {
        _options.AllowedUsers = ["bob"];
        Assert.Equal("554 5.7.1 uid 0 (root) may not send mail here (Listener:AllowedUsers)", Ask(0)?.ToString());

        _options.DeniedUsers = ["anna"];
        Assert.EndsWith(" may not send mail here (Listener:DeniedUsers)", Ask(Anna)?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_relay_may_always_ask_itself_how_it_is()
    {
        _options.AllowedUsers = ["bob"];

        Assert.Null(Ask(Relay));
    }

    [Theory]
    [InlineData("", "", true, null)]
    [InlineData("anna", "", true, 421)]         // of this machine, and not looked at in time: the next time it may be
    [InlineData("", "anna", true, 421)]         // or else whoever is denied need only hang up early
    [InlineData("anna", "", false, 554)]        // of the network: nobody's user
    [InlineData("", "anna", false, null)]
    public void Nobody_of_this_machine_comes_in_unnamed_where_names_matter(string allowed, string denied, bool isOfThisMachine, int? code)
    {
        (_options.AllowedUsers, _options.DeniedUsers) = (List(allowed), List(denied));

        Assert.Equal(code, Policy().RefusalOf(null, () => isOfThisMachine)?.Code);
    }

    [Theory]
    [InlineData("@ldap", "")]
    [InlineData("", "@ldap")]
    public void What_the_system_cannot_say_now_is_no_refusal_for_ever(string allowed, string denied)
    {
        (_options.AllowedUsers, _options.DeniedUsers) = (List(allowed), List(denied));
        UserPolicy policy = Policy();
        Assert.Equal(421, policy.RefusalOf(Anna, Here)?.Code);

        // It is asked again at once.
        _system = (_, _) => allowed.Length > 0 ? Answer.Yes : Answer.No;

        Assert.Null(policy.RefusalOf(Anna, Here));
    }

    [Fact]
    public void The_system_is_asked_once_a_minute_for_a_user()
    {
        int asked = 0;
        _system = (_, _) =>
        {
            asked++;
            return Answer.Yes;
        };
        _options.DeniedUsers = ["anna"];
        UserPolicy policy = Policy();

        Assert.NotNull(policy.RefusalOf(Anna, Here));
        Assert.NotNull(policy.RefusalOf(Anna, Here));
        Assert.Equal(1, asked);

        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull(policy.RefusalOf(Anna, Here));
        Assert.Equal(2, asked);
    }

    [Fact]
    public void New_lists_hold_at_once()
    {
        UserPolicy policy = Policy();
        _options.DeniedUsers = ["anna"];
        Assert.NotNull(policy.RefusalOf(Anna, Here));

        _options.DeniedUsers = ["bob"];

        Assert.Null(policy.RefusalOf(Anna, Here));
    }

    private static bool Here() => true;

    private static List<string> List(string entries) => [.. entries.Split(',', StringSplitOptions.RemoveEmptyEntries)];

    private SmtpReply? Ask(uint user) => Policy().RefusalOf(user, Here);

    private UserPolicy Policy() => new(() => _options, _clock, Relay, (user, entry) => _system(user, entry));
}
