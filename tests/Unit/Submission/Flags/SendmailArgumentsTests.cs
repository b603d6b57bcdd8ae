using RelayProxy.Mail;
using RelayProxy.Submission.Flags;

namespace RelayProxy.Unit.Submission.Flags;

public class SendmailArgumentsTests
{
    /// <summary>The command lines of programs that call a sendmail, taken from their own sources and packages.</summary>
    public static TheoryData<string, string, string> Callers => new()
    {
        { "PHP mail()", "-t -i", "-t -i" },
        { "PHP mail() with a sender", "-t -i -fbounce@example.net", "-t -i -f <bounce@example.net>" },
        { "Debian's cron", "-FCronDaemon -i -B8BITMIME -oem root", "-i -F <CronDaemon> root; nothing: -oem" },
        { "Vixie cron", "-FCronDaemon -odi -oem -oi -t", "-t -i -F <CronDaemon>; nothing: -odi -oem" },
        { "anacron", "-FAnacron -odi root", "-F <Anacron> root; nothing: -odi" },
        { "at", "-i daemon", "-i daemon" },
        { "mailutils mail", "-oi -f user@web1.example.net -t", "-t -i -f <user@web1.example.net>" },
        { "bsd-mailx", "-i -m -v -f ann@example.net bob carl", "-i -f <ann@example.net> -v bob carl; nothing: -m" },
        { "s-nail", "-i -m -- bob@example.net -carl@example.net", "-i bob@example.net -carl@example.net; nothing: -m" },
        { "mutt", "-oem -oi -f ann@example.net -N delay,failure -R hdrs -B 8BITMIME -- bob@example.net", "-i -f <ann@example.net> -N Failure, Delay -R Headers bob@example.net; nothing: -oem" },
        { "git send-email", "-f ann@example.net -i bob@example.net carl@example.net", "-i -f <ann@example.net> bob@example.net carl@example.net" },
        { "reportbug", "-f ann@example.net -oi -oem submit@bugs.example.org", "-i -f <ann@example.net> submit@bugs.example.org; nothing: -oem" },
        { "logwatch, mdadm, sudo, debsecan", "-t", "-t" },
        { "unattended-upgrades", "-oi -t", "-t -i" },
        { "fail2ban", "-f fail2ban@example.net root", "-f <fail2ban@example.net> root" },
        { "procmail", "-oi ann", "-i ann" },
        { "Ruby's mail, Perl's Email::Sender", "-i -f ann@example.net -- bob@example.net", "-i -f <ann@example.net> bob@example.net" },
        { "Dovecot", "-i -f <> -- bob@example.net", "-i -f <> bob@example.net" },
        { "Symfony", "-bs", "Smtp" },
        { "alpine", "-bs -odb -oem", "Smtp; nothing: -odb -oem" },
        { "vacation", "-f <> -- bob@example.net", "-f <> bob@example.net" },
        { "Exim's own idiom", "-oMr spam-scanned -oi bob@example.net", "-i bob@example.net; nothing: -oMr spam-scanned" },
        { "smartmontools' script", "-i -t", "-t -i" },
        { "an init script of sendmail", "-L sm-mta -bd -q1h", "Serve -q <1h>; nothing: -Lsm-mta" },
        { "a cron job of sendmail's submission program", "-L sm-msp-queue -Ac -q", "RunQueue -q <>; nothing: -Lsm-msp-queue -Ac" },
        { "Postfix's habits", "-bp", "PrintQueue" },
        { "who makes aliases", "-bi", "NewAliases" },
        { "the same, as Postfix has it", "-I", "NewAliases" },
        { "who looks names up", "-bv root ann@example.net", "Verify root ann@example.net" },
    };

    [Theory]
    [MemberData(nameof(Callers))]
    public void A_caller_is_understood(string caller, string arguments, string meaning)
    {
        Assert.NotEmpty(caller);
        Assert.Equal(meaning, Meaning(Read(arguments.Split(' '))));
    }

    [Theory]
    [InlineData("-ti", "-t -i")]
    [InlineData("-tifann", "-t -i -f <ann>")]
    [InlineData("-f ann -t bob", "-t -f <ann> bob")]
    [InlineData("bob -t", "-t bob")]                            // as getopt(3) of this system has it
    [InlineData("-- -t", "-t")]                                 // a recipient, odd as it looks
    [InlineData("-q bob", "RunQueue -q <> bob")]                // never the next word
    [InlineData("-qRexample.net", "RunQueue -q <Rexample.net>")]
    [InlineData("-q30m -bp", "PrintQueue -q <30m>")]
    [InlineData("-bd -q30m", "Serve -q <30m>")]
    [InlineData("-o i", "-i")]
    [InlineData("-r ann -f bob", "-f <bob>")]
    [InlineData("-Nnever", "-N Never")]
    [InlineData("-Vqq314 -Rfull", "-V <qq314> -R Full")]
    [InlineData("-em -d0.1 -J", "; nothing: -em -d0.1 -J")]
    [InlineData("-C /etc/mail/sendmail.cf -X /tmp/log ann", "ann; nothing: -C/etc/mail/sendmail.cf -X/tmp/log")]
    [InlineData("-h 5 -M x -p esmtp -s -T1h -U -G -n -x -c -A m ann", "ann; nothing: -h5 -Mx -pesmtp -s -T1h -U -G -n -x -c -Am")]
    [InlineData("-O DeliveryMode=b -odq ann", "ann; nothing: -ODeliveryMode=b -odq")]
    public void Flags_stand_as_getopt_takes_them(string arguments, string meaning) =>
        Assert.Equal(meaning, Meaning(Read(arguments.Split(' '))));

    [Theory]
    [InlineData("-z ann", "ann; unknown: -z")]
    [InlineData("-tzi ann", "-t ann; unknown: -zi")]            // what stands behind an unknown letter may be its argument
    [InlineData("--no-such-thing ann", "ann; unknown: --no-such-thing")]
    [InlineData("--Queue:Path=/tmp ann", "ann; unknown: --Queue:Path=/tmp")]
    [InlineData("--config /tmp/x ann", "/tmp/x ann; unknown: --config")]
    [InlineData("-bz ann", "ann; unknown: -bz")]
    [InlineData("-N sometimes ann", "ann; unknown: -Nsometimes")]
    [InlineData("-R some ann", "ann; unknown: -Rsome")]
    [InlineData("-B 16BIT ann", "ann; unknown: -B16BIT")]
    public void What_nobody_knows_is_passed_over(string arguments, string meaning) =>
        Assert.Equal(meaning, Meaning(Read(arguments.Split(' '))));

    [Theory]
    [InlineData("-f", "-f lacks its argument (-f address)")]
    [InlineData("-i -F", "-F lacks its argument (-F name)")]
    [InlineData("-b", "-b lacks its argument (-b mode)")]
    [InlineData("-X", "")]                                      // it would have done nothing
    [InlineData("-o", "")]
    public void Only_what_cannot_be_meant_is_a_fault(string arguments, string fault) =>
        Assert.Equal(fault, Read(arguments.Split(' ')).Fault ?? "");

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("<>")]
    public void The_null_sender_has_several_spellings(string sender) => Assert.Equal("", Read(["-f", sender]).Sender);

    [Theory]
    [InlineData("--config", "/etc/x.json")]
    [InlineData("--config=/etc/x.json")]
    public void As_relayproxy_sendmail_it_takes_a_configuration(params string[] arguments) =>
        Assert.Equal("/etc/x.json", SendmailArguments.Read(arguments, takesLongOptions: true).ConfigurationFile);

    [Fact]
    public void No_letter_stands_for_two_things()
    {
        Assert.Distinct(SendmailFlags.All.Select(flag => flag.Letter));
        Assert.Distinct(SendmailMode.All.Select(mode => mode.Letter));
    }

    [Fact]
    public void Help_names_every_flag_and_every_mode()
    {
        string[] help = [.. SendmailHelp.Lines()];
        Assert.All(SendmailFlags.All, flag => Assert.Contains(help, line => line.StartsWith($"  {flag.Usage} ", StringComparison.Ordinal)));
        Assert.All(SendmailMode.All, mode => Assert.Contains(help, line => line.StartsWith($"  -b{mode.Letter} ", StringComparison.Ordinal)));
        Assert.All(help, line => Assert.True(line.Length <= 140, line));
    }

    private static SendmailRequest Read(string[] arguments) => SendmailArguments.Read(arguments, takesLongOptions: false);

    private static string Meaning(SendmailRequest request)
    {
        string?[] words =
        [
            request.Work == SendmailWork.Message ? null : request.Work.ToString(),
            request.HeaderRecipients ? "-t" : null,
            request.DotIsText ? "-i" : null,
            request.Sender is { } sender ? $"-f <{sender}>" : null,
            request.FullName is { } name ? $"-F <{name}>" : null,
            request.Notify != DsnNotify.Unspecified ? $"-N {request.Notify}" : null,
            request.EnvelopeId.Length > 0 ? $"-V <{request.EnvelopeId}>" : null,
            request.Return != DsnReturn.Unspecified ? $"-R {request.Return}" : null,
            request.QueueRun is { } run ? $"-q <{run}>" : null,
            request.IsVerbose ? "-v" : null,
            .. request.Words,
        ];
        return string.Join(' ', words.OfType<string>())
            + (request.PassedOver.Count > 0 ? $"; nothing: {string.Join(' ', request.PassedOver)}" : "")
            + (request.Unknown.Count > 0 ? $"; unknown: {string.Join(' ', request.Unknown)}" : "");
    }
}
