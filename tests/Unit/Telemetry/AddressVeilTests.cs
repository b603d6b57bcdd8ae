using RelayProxy.Telemetry;

namespace RelayProxy.Unit.Telemetry;

public class AddressVeilTests
{
    private static readonly AddressVeil s_masked = new(hashed: false, "");

    [Theory]
    [InlineData("to=<bob@example.org> smarthost=smtp.example.net:465", "to=<b***@example.org> smarthost=smtp.example.net:465")]
    [InlineData("550 5.1.1 <bob.b+list@example.org>: unknown; try ann@web1.example.net.", "550 5.1.1 <b***@example.org>: unknown; try a***@web1.example.net.")]
    [InlineData("bob@example.org", "b***@example.org")]
    [InlineData("b@x", "b***@x")]
    [InlineData("from=<\"bob b\"@example.org>", "from=<\"***@example.org>")]
    [InlineData("<\"b@b\"@example.org> <\"x\"@y>", "<\"***@example.org> <\"***@y>")]
    [InlineData("<bob@[192.0.2.1]>", "<b***@[192.0.2.1]>")]
    [InlineData("<jürgen@bücher.example>", "<j***@bücher.example>")]
    [InlineData("<\U0001F4E7x@example.org>", "<\U0001F4E7***@example.org>")]
    [InlineData("bounce+bob=example.org@list.example", "b***@list.example")]
    [InlineData("a@b,c@d;e@f", "a***@b,c***@d;e***@f")]
    [InlineData("a@b@c", "a***@b@c")]
    [InlineData("@ x@ @y \"@ <@> unix:@abstract", "@ x@ @y \"@ <@> unix:@abstract")]
    [InlineData("message-id=<20261122.1@web1.example.org> client=127.0.0.1", "message-id=<20261122.1@web1.example.org> client=127.0.0.1")]
    [InlineData("nothing to hide", "nothing to hide")]
    public void Masked_it_is_a_letter_and_the_domain(string text, string masked) => Assert.Equal(masked, s_masked.Over(text));

    [Fact]
    public void Hashed_it_is_the_same_for_the_same_address_whatever_its_letter_case()
    {
        var veil = new AddressVeil(hashed: true, "salt");

        Assert.Equal("to=<~6059667f1cfb> or ~6059667f1cfb", veil.Over("to=<Bob@example.org> or bob@EXAMPLE.org"));
        Assert.NotEqual(veil.Over("bob@example.org"), veil.Over("bob@example.net"));
    }

    [Fact]
    public void Another_salt_and_another_start_without_one_are_another_hash()
    {
        string[] hashes = [.. new[] { "one", "two", "", "" }.Select(salt => new AddressVeil(hashed: true, salt).Over("bob@example.org"))];

        Assert.Equal(4, hashes.Distinct().Count());
        Assert.All(hashes, hash => Assert.Matches("^~[0-9a-f]{12}$", hash));
    }

    [Theory]
    [InlineData(LogAddresses.Plain, "bob@example.org")]
    [InlineData(LogAddresses.Masked, "b***@example.org")]
    internal void The_settings_say_which(LogAddresses addresses, string shown) => Assert.Equal(
        shown, AddressVeil.Of(new LoggingOptions { Addresses = addresses })?.Over("bob@example.org") ?? "bob@example.org");
}
