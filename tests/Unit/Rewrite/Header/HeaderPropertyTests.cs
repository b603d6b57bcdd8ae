using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RelayProxy.Mail;
using RelayProxy.Rewrite;
using RelayProxy.Rewrite.Header;

namespace RelayProxy.Unit.Rewrite.Header;

/// <summary>What holds for every address field, whatever it is made of.</summary>
public class HeaderPropertyTests
{
    /// <summary>What address lists are made of, and what breaks them.</summary>
    private static readonly string[] s_scraps =
    [
        "root", "joe", "@", "localhost", "web1", "isp.example", "x.isp.example", ".", ",", ", ", ";", ":", "<", ">", "<root>", "<a@web1>", " ",
        "\r\n ", "\t", "(c)", "(", ")", "\"q r\"", "\"", "\\", "[127.0.0.1]", "[", "]", "=?utf-8?q?x?=", "\u00fc", "\0", "a@isp.example",
        "Group: a, b@web1;", "@route.example:", "+tag", "!", "joe@localhost, ", new string('w', 300),
    ];

    private static readonly Gen<string> s_value = Gen.Elements(s_scraps).ListOf().Select(string.Concat);

    [Fact]
    public void Where_no_rule_matches_nothing_is_touched() => Check(s_value, value =>
    {
        var options = new RewriteOptions { Origin = "hamlet.example", SenderMap = ["nobody@nowhere.example a@b.example"] };

        // Names that lack nothing: no rule has anything to say of them.
        string complete = value.Replace("root", "", StringComparison.Ordinal);
        (byte[] content, HeaderBlock header) = Parsed(complete);
        if (All(content.AsSpan(5)).All(address => address is { IsBare: false } && !IsLocal(address.Domain)))
        {
            Assert.Null(Rewriter(options).Rewrite(content, header, isReport: false));
        }
    });

    [Fact]
    public void Every_address_becomes_what_the_rules_make_of_it_and_all_else_stays() => Check(s_value, value =>
    {
        RewriteOptions options = Rules();
        (byte[] content, HeaderBlock header) = Parsed(value);
        var senders = new SenderRewriter(options, Origin.From(options, "hamlet.example"));
        string[] expected = [.. All(content.AsSpan(5)).Select(address => senders.Rewrite(address, AddressRole.Author).Address.ToString())];

        byte[] result = Applied(content, Rewriter(options).Rewrite(content, header, isReport: false));

        Assert.Equal(expected, All(result.AsSpan(5)).Select(address => address.ToString()));
        Assert.Equal(WithoutAddresses(content), WithoutAddresses(result));
    });

    [Fact]
    public void Rewriting_twice_changes_nothing_the_second_time() => Check(s_value, value =>
    {
        HeaderRewriter rewriter = Rewriter(Rules());
        (byte[] content, HeaderBlock header) = Parsed(value);
        byte[] once = Applied(content, rewriter.Rewrite(content, header, isReport: false));
        var second = new HeaderBlock();
        second.Read(once, isAll: true);

        Assert.Null(rewriter.Rewrite(once, second, isReport: false));
    });

    [Fact]
    public void A_mailbox_that_is_written_is_read_as_it_was() => Check(Gen.Elements(s_scraps).ListOf().Select(string.Concat), local =>
    {
        string plain = string.Concat(local.Where(letter => !char.IsControl(letter)));
        if (plain.Length is 0 or > 100)
        {
            return;
        }

        var mailbox = new Mailbox(plain, "isp.example");
        Assert.Equal([mailbox], All(Encoding.UTF8.GetBytes($"Name <{mailbox}> (comment)")));
        Assert.Equal([mailbox], All(Encoding.UTF8.GetBytes(mailbox.ToString())));
    });

    private static RewriteOptions Rules() => new()
    {
        Origin = "hamlet.example",
        MasqueradeDomains = ["isp.example"],
        SenderMap = ["joe \"j o\"@joe.example"],
    };

    private static HeaderRewriter Rewriter(RewriteOptions options) => new(new SenderRewriter(options, Origin.From(options, "hamlet.example")));

    private static bool IsLocal(string domain) => !domain.Contains('.', StringComparison.Ordinal) || domain is "[127.0.0.1]";

    private static (byte[] Content, HeaderBlock Header) Parsed(string value)
    {
        byte[] content = Encoding.UTF8.GetBytes($"From:{value}\r\n\r\n");
        var header = new HeaderBlock();
        header.Read(content, isAll: true);
        return (content[..header.Octets], header);
    }

    private static byte[] Applied(byte[] content, HeaderRewrite? rewrite) =>
        FieldSplicer.Apply(content, 0, rewrite?.Fields.SelectMany(field => field.Splices) ?? []);

    private static List<Mailbox> All(ReadOnlySpan<byte> text)
    {
        var found = new List<Mailbox>();
        var scanner = new AddressListScanner(text);
        while (scanner.TryNext(out HeaderAddress address))
        {
            if (AddressText.Read(text, address) is { } mailbox)
            {
                found.Add(mailbox);
            }
        }

        return found;
    }

    /// <summary>Blanks are not compared, for lines may have been folded.</summary>
    private static string WithoutAddresses(byte[] content)
    {
        ReadOnlySpan<byte> text = content.AsSpan(5);
        var rest = new StringBuilder();
        var scanner = new AddressListScanner(text);
        int copied = 0;
        while (scanner.TryNext(out HeaderAddress address))
        {
            if (AddressText.Read(text, address) is not null)
            {
                rest.Append(Encoding.UTF8.GetString(text[copied..address.LocalStart])).Append("ADDRESS");
                copied = address.DomainEnd;
            }
        }

        return string.Concat(rest.Append(Encoding.UTF8.GetString(text[copied..])).ToString().Where(letter => !char.IsWhiteSpace(letter)));
    }

    private static void Check<T>(Gen<T> generator, Action<T> property) =>
        Prop.ForAll(Arb.From(generator), property).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true));
}
