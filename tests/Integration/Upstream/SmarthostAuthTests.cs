using System.Text;
using Microsoft.Extensions.Logging;
using RelayProxy.Harness;
using RelayProxy.Upstream;

namespace RelayProxy.Integration.Upstream;

/// <summary>AUTH: one attempt for each connection, inside TLS, and never a message without the login that was configured.</summary>
public class SmarthostAuthTests
{
    private const string Plain = "AUTH PLAIN AHJlbGF5AHNlY3JldA=="; // \0relay\0secret

    [Fact]
    public async Task C17_The_strongest_mechanism_is_used_and_the_initial_response_goes_with_it()
    {
        await using var smarthost = new FakeSmarthost { Offers = ["AUTH LOGIN PLAIN"] };
        await using SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost);

        Assert.Equal(Plain, smarthost.Commands[1]);
        Assert.Equal("PLAIN", connection.Facts.Mechanism);
    }

    [Fact]
    public async Task C17_SCRAM_comes_before_PLAIN()
    {
        await using var smarthost = new FakeSmarthost { Offers = ["AUTH PLAIN SCRAM-SHA-256"], OnAuth = _ => "535 5.7.8 No" };
        await Outgoing.FailAsync(smarthost);

        Assert.StartsWith("AUTH SCRAM-SHA-256 ", smarthost.Commands[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task C17_The_AUTH_line_with_an_equals_sign_of_old_servers_is_understood()
    {
        await using var smarthost = new FakeSmarthost { Offers = ["AUTH=LOGIN"] };
        await using SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost);

        Assert.Equal(["AUTH LOGIN", "cmVsYXk=", "c2VjcmV0"], smarthost.Commands.Skip(1));
    }

    [Fact]
    public async Task C17_An_initial_response_that_does_not_fit_a_command_goes_on_a_line_of_its_own()
    {
        string token = new('t', 3000);
        await using var smarthost = new FakeSmarthost
        {
            Offers = ["AUTH XOAUTH2"],
            OnAuth = step => step.Line.StartsWith("AUTH", StringComparison.Ordinal) ? "334 " : "235 2.7.0 Welcome",
        };
        await using SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost, options => options.AccessToken = token);

        Assert.Equal("AUTH XOAUTH2", smarthost.Commands[1]);
        Assert.Equal($"user=relay\u0001auth=Bearer {token}\u0001\u0001", Encoding.ASCII.GetString(Convert.FromBase64String(smarthost.Commands[2])));
    }

    [Fact]
    public async Task C17_An_empty_initial_response_is_an_equals_sign()
    {
        (string certificateFile, string keyFile) = TestCertificates.WritePem(TestCertificates.Client);
        await using var smarthost = new FakeSmarthost { Offers = ["AUTH EXTERNAL"], OnAuth = _ => "235 2.7.0 Welcome", WantsClientCertificate = true };
        await using SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost, options =>
        {
            options.Username = options.Password = "";
            options.ClientCertificateFile = certificateFile;
            options.ClientKeyFile = keyFile;
            options.Mechanisms = ["EXTERNAL"];
        });

        Assert.Equal("AUTH EXTERNAL =", smarthost.Commands[1]);
    }

    [Theory]
    [InlineData("334 this is not base64!")]
    [InlineData("334 QUJ")]
    [InlineData("334-QUJD\n334 QUJD")]
    public async Task C18_A_malformed_challenge_is_answered_with_a_star_and_no_password(string challenge)
    {
        await using var smarthost = new FakeSmarthost
        {
            Offers = ["AUTH LOGIN"],
            OnAuth = step => step.Line == "*" ? "501 5.7.0 Cancelled" : challenge,
        };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.Equal((DeliveryStage.Auth, SessionFault.Untrusted, false), (failure.Stage, failure.Fault, failure.FromSmarthost));
        Assert.Equal(["AUTH LOGIN", "*", "QUIT"], smarthost.Commands.Skip(1));
    }

    [Theory]
    [InlineData("535 5.7.8 Wrong password", SessionFault.AuthRefused)]
    [InlineData("534 5.7.9 Too weak", SessionFault.AuthRefused)]
    [InlineData("538 5.7.11 Encrypt first", SessionFault.AuthRefused)]
    [InlineData("530 5.7.57 Not authenticated", SessionFault.AuthRefused)]
    [InlineData("504 5.7.4 Unrecognized", SessionFault.AuthRefused)]
    [InlineData("550 5.7.30 Basic authentication is not supported", SessionFault.AuthRefused)]
    [InlineData("554 5.1.8 Account blocked", SessionFault.AuthRefused)]
    [InlineData("454 4.7.0 Later", SessionFault.AuthDeferred)]
    [InlineData("432 4.7.12 Password transition", SessionFault.AuthDeferred)]
    [InlineData("421 4.3.2 Closing", SessionFault.AuthDeferred)]
    [InlineData("250 2.0.0 Whatever", SessionFault.Untrusted)]
    public async Task C19_A_refused_login_is_told_from_a_passing_one_and_is_tried_once(string reply, object fault)
    {
        await using var smarthost = new FakeSmarthost { Offers = ["AUTH PLAIN"], OnAuth = _ => reply };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.Equal((DeliveryStage.Auth, (SessionFault)fault, true), (failure.Stage, failure.Fault, failure.FromSmarthost));
        Assert.Equal(reply, failure.Reply.ToString());
        Assert.Single(smarthost.Commands, command => command.StartsWith("AUTH", StringComparison.Ordinal));
        Assert.DoesNotContain(smarthost.Commands, command => command.StartsWith("MAIL", StringComparison.Ordinal));
        Assert.Equal(1, smarthost.Connections);
    }

    [Fact]
    public async Task C19_A_token_that_is_refused_inside_the_exchange_brings_its_reason_along()
    {
        string json = Convert.ToBase64String("""{"status":"401","schemes":"bearer","scope":"https://mail.example/"}"""u8);
        await using var smarthost = new FakeSmarthost
        {
            Offers = ["AUTH XOAUTH2"],
            OnAuth = step => step.Line.Length > 0 ? $"334 {json}" : "535 5.7.8 Bad credentials",
        };
        SessionFailure failure = await Outgoing.FailAsync(smarthost, options => options.AccessToken = "ya29.token");

        Assert.Equal(SessionFault.AuthRefused, failure.Fault);
        Assert.Contains("status 401", failure.Reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("ya29.token", failure.Reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task C20_A_server_that_accepts_without_proving_that_it_knows_the_password_is_not_trusted()
    {
        await using var smarthost = new FakeSmarthost { Offers = ["AUTH SCRAM-SHA-256"], OnAuth = _ => "235 2.7.0 Welcome, whoever you are" };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.Equal((DeliveryStage.Auth, SessionFault.Untrusted), (failure.Stage, failure.Fault));
        Assert.DoesNotContain(smarthost.Commands, command => command == "*");
    }

    [Fact]
    public async Task C20_A_nonce_that_does_not_extend_ours_ends_the_exchange()
    {
        string challenge = Convert.ToBase64String("r=somebodyelse,s=QSXCR+Q6sek8bf92,i=4096"u8);
        await using var smarthost = new FakeSmarthost
        {
            Offers = ["AUTH SCRAM-SHA-256"], OnAuth = step => step.Line == "*" ? "501 5.7.0 Cancelled" : $"334 {challenge}",
        };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.Equal((DeliveryStage.Auth, SessionFault.Untrusted), (failure.Stage, failure.Fault));
        Assert.Contains("*", smarthost.Commands);
    }

    [Fact]
    public async Task C21_A_reused_session_does_not_log_in_again()
    {
        await using var smarthost = new FakeSmarthost();
        await using SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost);
        await connection.SendAsync(Outgoing.Message(), CancellationToken.None);
        await connection.SendAsync(Outgoing.Message(), CancellationToken.None);

        Assert.Equal(2, smarthost.Mails.Count);
        Assert.Single(smarthost.Commands, command => command.StartsWith("AUTH", StringComparison.Ordinal));
        Assert.True(IndexOf(smarthost, "AUTH") < IndexOf(smarthost, "MAIL"));
    }

    [Theory]
    [InlineData("AUTH", "the smarthost offers no AUTH")]
    [InlineData("PIPELINING", "the smarthost offers no AUTH")]
    [InlineData("AUTH GSSAPI", "GSSAPI (not known here)")]
    public async Task C15_A_login_that_cannot_be_made_is_not_left_out(string offer, string reason)
    {
        await using var smarthost = new FakeSmarthost { Offers = [offer] };
        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.Equal((DeliveryStage.Auth, SessionFault.Untrusted, false), (failure.Stage, failure.Fault, failure.FromSmarthost));
        Assert.Contains(reason, failure.Reply.Text, StringComparison.Ordinal);
        Assert.Equal(["EHLO relay.test", "QUIT"], smarthost.Commands);
    }

    [Fact]
    public async Task A_password_does_not_travel_in_clear_text_unless_that_is_permitted()
    {
        await using var smarthost = new FakeSmarthost { Tls = FakeTls.None };
        SessionFailure failure = await Outgoing.FailAsync(smarthost, options => options.AllowPlaintextAuth = false);

        Assert.Equal((DeliveryStage.Auth, SessionFault.Untrusted), (failure.Stage, failure.Fault));
        Assert.Contains("needs TLS, or Smarthost:AllowPlaintextAuth", failure.Reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(smarthost.Commands, command => command.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task On_this_machine_a_password_may_travel_in_clear_text()
    {
        await using FakeSmarthost smarthost = new FakeSmarthost { Tls = FakeTls.None }.Listen();
        SmarthostOptions options = smarthost.ClientOptions();
        options.AllowPlaintextAuth = false;
        (SmarthostConnection? connection, SessionFailure? failure) =
            await Outgoing.Connector(new TcpDialer(TimeProvider.System, () => [])).OpenAsync(options, CancellationToken.None);
        await using SmarthostConnection opened = connection!;

        Assert.Null(failure);
        Assert.Contains(Plain, smarthost.Commands);
    }

    [Fact]
    public async Task A_mechanism_that_is_announced_and_then_unknown_is_left_out_the_next_time()
    {
        await using var smarthost = new FakeSmarthost
        {
            Offers = ["AUTH CRAM-MD5 PLAIN"],
            OnAuth = step => step.Line.StartsWith("AUTH PLAIN", StringComparison.Ordinal) ? "235 2.7.0 Welcome" : "504 5.5.4 Unknown",
        };
        SmarthostConnector connector = Outgoing.Connector(smarthost.Dialer);
        (_, SessionFailure? failure) = await connector.OpenAsync(smarthost.ClientOptions(), CancellationToken.None);
        (SmarthostConnection? connection, _) = await connector.OpenAsync(smarthost.ClientOptions(), CancellationToken.None);
        await using SmarthostConnection opened = connection!;

        Assert.Equal(SessionFault.AuthDeferred, failure!.Fault);
        Assert.Equal("PLAIN", opened.Facts.Mechanism);
    }

    [Fact]
    public async Task C48_The_password_file_is_read_again_at_every_login_and_a_bad_one_does_not_replace_a_good_one()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("password", "wrong\n");
        await using var smarthost = new FakeSmarthost();
        SmarthostOptions options = smarthost.ClientOptions();
        (options.Password, options.PasswordFile) = ("", file);
        var logger = new RecordingLogger();
        SmarthostConnector connector = Outgoing.Connector(smarthost.Dialer, logger: logger);

        (_, SessionFailure? refused) = await connector.OpenAsync(options, CancellationToken.None);
        folder.Write("password", "secret\nsecond line\n");
        (SmarthostConnection? second, _) = await connector.OpenAsync(options, CancellationToken.None);
        File.Delete(file);
        (SmarthostConnection? third, _) = await connector.OpenAsync(options, CancellationToken.None);
        await using SmarthostConnection openedSecond = second!, openedThird = third!;

        Assert.Equal(SessionFault.AuthRefused, refused!.Fault);
        Assert.Contains(logger.Entries, entry => entry.Level == LogLevel.Warning
            && entry.Text.Contains("Smarthost:PasswordFile cannot be read", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_password_file_that_was_never_readable_is_a_setting_to_mend_and_nobody_is_called()
    {
        await using var smarthost = new FakeSmarthost();
        SessionFailure failure = await Outgoing.FailAsync(
            smarthost, options => (options.Password, options.PasswordFile) = ("", "/nowhere/password"));

        Assert.Equal(SessionFault.Misconfigured, failure.Fault);
        Assert.Contains("Smarthost:PasswordFile", failure.Reply.Text, StringComparison.Ordinal);
        Assert.Equal(0, smarthost.Connections);
    }

    [Theory]
    [InlineData("AUTH PLAIN")]
    [InlineData("AUTH LOGIN")]
    [InlineData("AUTH CRAM-MD5")]
    [InlineData("AUTH SCRAM-SHA-256")]
    public async Task No_secret_is_in_the_log_not_even_at_trace_level(string offer)
    {
        var logger = new RecordingLogger();
        await using var smarthost = new FakeSmarthost { Offers = [offer] };
        (SmarthostConnection? connection, _) = await Outgoing.TryConnectAsync(smarthost, logger: logger);
        if (connection is not null)
        {
            await connection.SendAsync(Outgoing.Message(), CancellationToken.None);
            await connection.DisposeAsync();
        }

        string log = string.Join('\n', logger.Entries.Select(entry => entry.Text));
        Assert.Contains($"< {offer}", log, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", log, StringComparison.Ordinal);
        foreach (string said in smarthost.Commands.SkipWhile(command => !command.StartsWith("AUTH", StringComparison.Ordinal)).TakeWhile(
            command => !command.StartsWith("MAIL", StringComparison.Ordinal) && command != "QUIT"))
        {
            string secret = said.StartsWith("AUTH", StringComparison.Ordinal) ? said.Split(' ').ElementAtOrDefault(2) ?? "***" : said;
            Assert.True(secret is "***" or "*" || !log.Contains(secret, StringComparison.Ordinal), secret);
        }
    }

    [Theory]
    [InlineData("MAIL")]
    [InlineData("RCPT")]
    [InlineData(".")]
    public async Task What_it_repeats_of_the_login_long_after_it_is_not_shown_either(string when)
    {
        const string Password = "correct-horse-battery";
        FakeAnswer told = $"550 5.7.1 you are {Password}, {Plain[11..]} or {Convert.ToBase64String(Encoding.ASCII.GetBytes($"\0relay\0{Password}"))}";
        await using var smarthost = new FakeSmarthost { Password = Password, OnMail = On("MAIL"), OnRcpt = On("RCPT"), OnEndOfData = On(".") };

        TransactionResult result = await Outgoing.SendAsync(smarthost, Outgoing.Message(), options => options.Password = Password);

        Assert.Equal($"550 5.7.1 you are ***, {Plain[11..]} or ***", Assert.Single(result.Verdicts).Reply.ToString());

        Func<FakeStep, FakeAnswer>? On(string step) => step == when ? _ => told : null;
    }

    [Theory]
    [InlineData("{0}")]                                         // an echo
    [InlineData("AUTH PLAIN {0}")]
    [InlineData("535-5.7.8 {0}\n250 what")]
    public async Task Nor_what_something_repeats_that_is_no_mail_server(string said)
    {
        await using var smarthost = new FakeSmarthost
        {
            Offers = ["AUTH PLAIN"],
            OnAuth = step => FakeAnswer.Reply(string.Format(System.Globalization.CultureInfo.InvariantCulture, said, step.Line.Split(' ')[^1])),
        };

        SessionFailure failure = await Outgoing.FailAsync(smarthost);

        Assert.Contains("does not speak SMTP", failure.Reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Plain[11..], failure.Reply.Text, StringComparison.Ordinal);
    }

    private static int IndexOf(FakeSmarthost smarthost, string verb) =>
        smarthost.Commands.ToList().FindIndex(command => command.StartsWith(verb, StringComparison.Ordinal));
}
