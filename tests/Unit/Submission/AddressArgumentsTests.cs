using RelayProxy.Mail;
using RelayProxy.Submission;

namespace RelayProxy.Unit.Submission;

public class AddressArgumentsTests
{
    [Theory]
    [InlineData("root", "root")]
    [InlineData("ann@example.net", "ann@example.net")]
    [InlineData(" <ann@example.net> ", "ann@example.net")]
    [InlineData("Ann Doe <ann@example.net>", "ann@example.net")]
    [InlineData("\"Doe, Ann\" <ann@example.net>", "ann@example.net")]
    [InlineData("ann@example.net (Ann Doe)", "ann@example.net")]
    [InlineData("ann@example.net, bob, carl@example.org", "ann@example.net bob carl@example.org")]
    [InlineData("ann@example.net bob", "ann@example.net bob")]
    [InlineData("Ann <ann@example.net>, Bob <bob@example.net>,", "ann@example.net bob@example.net")]
    [InlineData("\"a,b\"@example.net", "\"a,b\"@example.net")]
    [InlineData("jörg@example.net", "jörg@example.net")]
    [InlineData("", "")]
    [InlineData(" , ,", "")]
    public void Addresses_are_read_as_people_write_them(string word, string addresses) =>
        Assert.Equal(addresses, string.Join(' ', AddressArguments.Read([word])));

    [Theory]
    [InlineData("a@b@c")]
    [InlineData("ann@example.net <")]
    [InlineData("ann@")]
    [InlineData("<>")]
    [InlineData("\"ann@example.net")]
    [InlineData("ann@example.net, @example.org")]
    public void What_is_no_address_stops_everything(string word)
    {
        SubmissionException trouble = Assert.Throws<SubmissionException>(() => AddressArguments.Read(["bob@example.net", word]));
        Assert.Equal(ExitCode.DataError, trouble.ExitCode);
        Assert.EndsWith(" is no address; nothing was sent", trouble.Message, StringComparison.Ordinal);
    }
}
