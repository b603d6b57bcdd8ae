using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RelayProxy.Commands;
using RelayProxy.Commands.Sendmail;
using RelayProxy.Configuration;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Harness.Transcripts;

/// <summary>
/// Plays a <c>.cli</c> file: commands as an operator types them, what they print, and how they end. Everything happens in a folder of its
/// own, <c>{folder}</c> in the text (<c>{escape}</c> is ESC, <c>{cr}</c> CR, <c>{newest}</c> the id of the newest message), with a queue in <c>{folder}/queue</c> and a clock that stands still until <c>@wait</c> moves it.
/// <code>
/// # why this is tested
/// @file config/relayproxy.json          the lines behind it that begin with "| " are its content; mode 600
/// @folder queue                         mode 700
/// @mode 644 config/relayproxy.json
/// @env NAME=value
/// @message ID sender recipient …        a message enters the queue; its lines begin with "| "; the null sender is &lt;&gt;
/// @deferred REPLY | @delivered REPLY | @parked REPLY    what becomes of everything that is due
/// @leased                               everything that is due is being delivered, for the next hour
/// @smarthost                            a well-behaved one listens; RELAYPROXY_Smarthost__… lead there; {port} is its port
/// @relay Section:Key=value …            a relay runs beside the commands, which find it by its digest; it keeps what it gets
/// @input                                standard input, from here on; its lines begin with "| "
/// @wait 00:05:00
/// $ relayproxy queue list               the lines behind it are its output, * and ? may stand for any text
/// ...                                   any number of lines
/// exit 0
/// </code>
/// </summary>
internal sealed class CliTranscript : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestClock _clock = new();
    private readonly Dictionary<string, string> _environment = [];
    private readonly string[] _lines;
    private SqliteQueueStore? _store;
    private FakeSmarthost? _smarthost;
    private Relay? _relay;
    private DigestFile? _digest;
    private string _input = "";
    private int _next;

    private CliTranscript(string[] lines)
    {
        _lines = lines;
        _environment["RELAYPROXY_Queue__Path"] = _folder["queue"];
    }

    /// <exception cref="InvalidOperationException">The commands say something else; the message shows where.</exception>
    public static async Task PlayAsync(string path)
    {
        await using var player = new CliTranscript(await File.ReadAllLinesAsync(path));
        while (player._next < player._lines.Length)
        {
            await player.StepAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _digest?.Dispose();
        if (_relay is not null)
        {
            await _relay.DisposeAsync();
        }

        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        if (_smarthost is not null)
        {
            await _smarthost.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task StepAsync()
    {
        string line = _lines[_next++];
        if (line.Length == 0 || line[0] == '#')
        {
            return;
        }

        if (line.Contains("{newest}", StringComparison.Ordinal))
        {
            line = line.Replace("{newest}", await NewestAsync(), StringComparison.Ordinal);
        }

        string[] words = [.. Split(Filled(line))];
        switch (words[0])
        {
            case "$":
                await RunAsync(line, words[1..]);
                break;
            case "@file":
                _folder.Write(words[1], Block());
                break;
            case "@folder":
                Directory.CreateDirectory(_folder[words[1]], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                break;
            case "@mode":
                File.SetUnixFileMode(_folder[words[2]], (UnixFileMode)Convert.ToInt32(words[1], 8));
                break;
            case "@env":
                _environment[words[1][..words[1].IndexOf('=', StringComparison.Ordinal)]] = words[1][(words[1].IndexOf('=', StringComparison.Ordinal) + 1)..];
                break;
            case "@message":
                await AddMessageAsync(words[1], words[2], words[3..], Block());
                break;
            case "@deferred":
                await SettleAsync(RecipientState.Waiting, "deferred", Filled(line)["@deferred ".Length..]);
                break;
            case "@delivered":
                await SettleAsync(RecipientState.Delivered, "delivered", Filled(line)["@delivered ".Length..]);
                break;
            case "@parked":
                await SettleAsync(RecipientState.Parked, "parked", Filled(line)["@parked ".Length..]);
                break;
            case "@leased":
                await LeaseDueAsync();
                break;
            case "@smarthost":
                ListenAsSmarthost();
                break;
            case "@relay":
                await StartRelayAsync(words[1..]);
                break;
            case "@input":
                _input = Block();
                break;
            case "@wait":
                _clock.Advance(TimeSpan.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture));
                break;
            default:
                throw new FormatException($"line {_next}: neither a command nor a directive: {line}");
        }
    }

    private async Task RunAsync(string line, string[] words)
    {
        if (words[0] != "relayproxy")
        {
            throw new FormatException($"line {_next}: only relayproxy can be run: {line}");
        }

        var output = new StringWriter { NewLine = "\n" };
        var octets = new MemoryStream();
        int exit = await CommandTable.RunAsync(words[1..], new CommandContext
        {
            Output = output,
            Error = output,
            OpenOutputStream = () => octets,
            OpenInputStream = () => new MemoryStream(Encoding.UTF8.GetBytes(_input)),
            Clock = _clock,
            Inputs = new ConfigurationInputs { Root = _folder.Path, WorkingFolder = _folder.Path, Environment = _environment },
            MakeStore = options => new SqliteQueueStore(options, _clock, NullLogger.Instance),
        });
        string said = output + Encoding.UTF8.GetString(octets.ToArray()).Replace("\r\n", "\n", StringComparison.Ordinal) + $"exit {exit}";
        var expected = new List<string>();
        while (_next < _lines.Length && !(expected.Count > 0 && expected[^1].StartsWith("exit ", StringComparison.Ordinal)))
        {
            expected.Add(Filled(_lines[_next++]));
        }

        if (!AreLike(said.Split('\n'), [.. expected]))
        {
            throw new InvalidOperationException($"{line}\n--- expected\n{string.Join('\n', expected)}\n--- said\n{said}");
        }
    }

    /// <summary>Whether lines are what the patterns say; <c>...</c> is any number of lines.</summary>
    private static bool AreLike(ReadOnlySpan<string> lines, ReadOnlySpan<string> patterns)
    {
        if (patterns.IsEmpty)
        {
            return lines.IsEmpty;
        }

        if (patterns[0] == "...")
        {
            return AreLike(lines, patterns[1..]) || (!lines.IsEmpty && AreLike(lines[1..], patterns));
        }

        return !lines.IsEmpty && Transcript.IsLike(lines[0], patterns[0]) && AreLike(lines[1..], patterns[1..]);
    }

    private async Task AddMessageAsync(string id, string sender, string[] recipients, string content)
    {
        SqliteQueueStore store = await StoreAsync();
        QueueId queueId = QueueId.TryParse(id, out QueueId parsed) ? parsed : throw new FormatException($"line {_next}: {id} is no queue id");
        await using IMessageWriter writer = store.BeginMessage(queueId);
        byte[] octets = Encoding.UTF8.GetBytes(content.Replace("\n", "\r\n", StringComparison.Ordinal));
        await writer.WriteAsync(octets, CancellationToken.None);
        PreparedMessage prepared = await writer.CompleteAsync(
            new NewMessage
            {
                Envelope = new Envelope { Sender = sender == "<>" ? null : Address(sender) },
                Recipients = [.. recipients.Select(recipient => new Recipient(Address(recipient)))],
                HeaderOctets = octets.AsSpan().IndexOf("\r\n\r\n"u8) + 4,
                ReceivedAt = _clock.GetUtcNow(),
                ExpiresAt = _clock.GetUtcNow() + TimeSpan.FromDays(5),
                Origin = "www-data (uid 33) 127.0.0.1",
                MessageId = $"<{id}@web1.example.net>",
            },
            CancellationToken.None);
        CommitResult result = await store.CommitAsync(prepared, lease: false, CancellationToken.None);
        if (result.Status != CommitStatus.Committed)
        {
            throw new InvalidOperationException($"The message could not be stored: {result.Reason}");
        }
    }

    private async Task SettleAsync(RecipientState state, string outcome, string reply)
    {
        SqliteQueueStore store = await StoreAsync();
        DateTimeOffset now = _clock.GetUtcNow();
        foreach (QueueLease lease in await LeaseDueAsync())
        {
            await store.SettleAsync(
                new Settlement
                {
                    Lease = lease,
                    Recipients = [.. lease.Due.Select(due => new RecipientSettlement(due.Ordinal, state, due.Attempts + 1, now + TimeSpan.FromMinutes(1), reply))],
                    History =
                    [
                        .. lease.Due.Select(due => new HistoryEntry
                        {
                            Id = lease.Message.Id,
                            At = now,
                            Sender = lease.Message.Envelope.Sender?.ToString() ?? "<>",
                            Recipient = due.Recipient.Address.ToString(),
                            Smarthost = "smtp.example.net:465",
                            Stage = "RcptTo",
                            Outcome = outcome,
                            Reply = reply,
                            Tls = "TLSv1.3",
                            Delay = now - lease.Message.ReceivedAt,
                        }),
                    ],
                },
                CancellationToken.None);
        }
    }

    private async Task<IReadOnlyList<QueueLease>> LeaseDueAsync() =>
        await (await StoreAsync()).LeaseDueAsync(MailRoute.Smarthost, _clock.GetUtcNow(), 100, TimeSpan.FromHours(1), CancellationToken.None);

    private void ListenAsSmarthost()
    {
        _smarthost = new FakeSmarthost();
        _smarthost.Listen();
        _environment["RELAYPROXY_Smarthost__Host"] = "localhost";
        _environment["RELAYPROXY_Smarthost__Port"] = _smarthost.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        _environment["RELAYPROXY_Smarthost__CaFile"] = TestCertificates.AuthorityFile;
        _environment["RELAYPROXY_Smarthost__Username"] = _smarthost.Username;
        _environment["RELAYPROXY_Smarthost__Password"] = _smarthost.Password;
    }

    /// <summary>With a port of its own, and a digest where commands look for one. It tries nothing by itself.</summary>
    private async Task StartRelayAsync(string[] settings)
    {
        RelayOptions options = RelayConfiguration.Read(new ConfigurationInputs
        {
            Root = _folder.Path,
            WorkingFolder = _folder.Path,
            Arguments =
            [
                "--Listener:Endpoints=127.0.0.1:0", "--Intake:HostName=relay.test", "--Rewrite:Origin=example.org", "--Smarthost:Host=smarthost.test", "--Smarthost:Tls=None",
                "--Queue:SendWhenAsked=true", "--Queue:MinFreeOctets=0", $"--Queue:Path={_folder["queue"]}", .. settings.Select(setting => "--" + setting),
            ],
        }).RequireGood().Options;
        _relay = new Relay(() => options, _clock, NullLoggerFactory.Instance);
        await _relay.StartAsync(CancellationToken.None);

        // Commands find it as they do on a machine where it is installed, and nothing of the environment leads them elsewhere.
        _environment.Remove("RELAYPROXY_Queue__Path");
        _folder.Write("etc/relayproxy/relayproxy.json", "{\"Queue\": {\"Path\": \"" + _folder["queue"] + "\"}}");
        var place = new Dictionary<string, string> { ["RUNTIME_DIRECTORY"] = _folder["run/relayproxy"] };
        Directory.CreateDirectory(place["RUNTIME_DIRECTORY"]);
        _digest = new DigestFile(place, () => options, () => _relay.Endpoints, NullLogger.Instance);
    }

    private async Task<string> NewestAsync()
    {
        QueueId newest = default;
        await foreach (QueuedMessage message in (_relay?.Store ?? await StoreAsync()).ListAsync(QueueSelection.All, CancellationToken.None))
        {
            newest = message.Id;
        }

        return newest.ToString();
    }

    private async Task<SqliteQueueStore> StoreAsync()
    {
        if (_store is null)
        {
            _store = new SqliteQueueStore(new QueueOptions { Path = _folder["queue"], MinFreeOctets = 0 }, _clock, NullLogger.Instance);
            await _store.OpenAsync(StoreAccess.Daemon, CancellationToken.None);
        }

        return _store;
    }

    private static Mailbox Address(string text) =>
        MailboxParser.TryParse(text, out Mailbox? mailbox) ? mailbox! : throw new FormatException($"{text} is no address");

    /// <summary>The lines behind a directive that begin with <c>|</c>.</summary>
    private string Block()
    {
        var block = new StringBuilder();
        for (; _next < _lines.Length && _lines[_next].StartsWith('|'); _next++)
        {
            block.Append(Filled(_lines[_next].Length > 2 ? _lines[_next][2..] : "")).Append('\n');
        }

        return block.ToString();
    }

    private string Filled(string text) => text
        .Replace("{folder}", _folder.Path, StringComparison.Ordinal)
        .Replace("{escape}", "\e", StringComparison.Ordinal)
        .Replace("{cr}", "\r", StringComparison.Ordinal)
        .Replace("{port}", _smarthost?.Port.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "{port}", StringComparison.Ordinal);

    /// <summary>Words as a shell would have them: blanks separate, single and double quotes keep together.</summary>
    private static IEnumerable<string> Split(string line)
    {
        var word = new StringBuilder();
        char quote = '\0';
        bool any = false;
        foreach (char letter in line)
        {
            if (quote != '\0' ? letter == quote : letter is '\'' or '"')
            {
                (quote, any) = (quote == '\0' ? letter : '\0', true);
            }
            else if (quote == '\0' && letter == ' ')
            {
                if (any)
                {
                    yield return word.ToString();
                }

                word.Clear();
                any = false;
            }
            else
            {
                word.Append(letter);
                any = true;
            }
        }

        if (any)
        {
            yield return word.ToString();
        }
    }
}
