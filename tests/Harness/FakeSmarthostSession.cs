using System.Net.Security;
using System.Text;

namespace RelayProxy.Harness;

/// <summary>One connection of a <see cref="FakeSmarthost"/>.</summary>
internal sealed class FakeSmarthostSession
{
    private readonly FakeSmarthost _host;
    private readonly int _number;
    private readonly Stream _connection;
    private readonly Action _reset;
    private readonly byte[] _input = new byte[16 * 1024];
    private readonly List<string> _recipients = [];
    private readonly List<byte> _chunks = [];
    private Stream _stream;
    private int _start;
    private int _end;
    private bool _secured;
    private string _user = "";
    private string _mail = "";
    private int _transaction;
    private int _rcpts;
    private string _line = "";

    public FakeSmarthostSession(FakeSmarthost host, int number, Stream connection, Action reset)
    {
        (_host, _number, _connection, _reset, _stream) = (host, number, connection, reset, connection);
    }

    public async Task RunAsync()
    {
        if (_host.Tls == FakeTls.Implicit)
        {
            await SecureAsync();
        }

        await AnswerAsync(_host.OnGreeting, "220 smarthost.test ESMTP");
        while (true)
        {
            _line = Encoding.Latin1.GetString(await ReadLineAsync());
            _host.Note("C: " + _line);
            string verb = _line.Split(' ', ':')[0].ToUpperInvariant();
            switch (verb)
            {
                case "EHLO":
                    await AnswerAsync(_host.OnEhlo, EhloReply());
                    break;
                case "HELO":
                    await AnswerAsync(_host.OnHelo, "250 smarthost.test");
                    break;
                case "STARTTLS":
                    if ((await AnswerAsync(_host.OnStartTls, "220 2.0.0 Go ahead")).StartsWith('2'))
                    {
                        await SecureAsync();
                    }

                    break;
                case "AUTH":
                    await AuthenticateAsync();
                    break;
                case "MAIL":
                    await MailAsync();
                    break;
                case "RCPT":
                    await RcptAsync();
                    break;
                case "DATA":
                    await DataAsync();
                    break;
                case "BDAT":
                    await BdatAsync();
                    break;
                case "RSET":
                    EndTransaction();
                    await AnswerAsync(_host.OnRset, "250 2.0.0 Forgotten");
                    break;
                case "QUIT":
                    await AnswerAsync(_host.OnQuit, FakeAnswer.Reply("221 2.0.0 Bye").ThenHangUp());
                    return;
                case "NOOP":
                    await SayAsync("250 2.0.0 Ok");
                    break;
                default:
                    _host.NoteViolation($"Unknown command: {_line}");
                    await SayAsync("500 5.5.1 What?");
                    break;
            }
        }
    }

    private string EhloReply()
    {
        IList<string> offers = _host.Tls == FakeTls.StartTls && !_secured ? _host.OffersInClear : _host.Offers;
        string[] lines = ["smarthost.test", .. offers];
        return string.Join('\n', lines.Select((line, index) => $"250{(index == lines.Length - 1 ? ' ' : '-')}{line}"));
    }

    private async Task AuthenticateAsync()
    {
        if (_host.OnAuth is not null)
        {
            while ((await AnswerAsync(_host.OnAuth, "")).StartsWith('3'))
            {
                _line = Encoding.Latin1.GetString(await ReadLineAsync());
                _host.Note("C: " + _line);
            }

            return;
        }

        string[] words = _line.Split(' ');
        string user, password;
        if (words[1].Equals("PLAIN", StringComparison.OrdinalIgnoreCase))
        {
            string[] parts = Decode(words.Length > 2 ? words[2] : await AskAsync("")).Split('\0');
            (user, password) = parts.Length == 3 ? (parts[1], parts[2]) : ("", "");
        }
        else
        {
            user = Decode(await AskAsync("VXNlcm5hbWU6"));
            password = Decode(await AskAsync("UGFzc3dvcmQ6"));
        }

        bool right = user == _host.Username && password == _host.Password;
        _user = right ? user : "";
        await SayAsync(right ? "235 2.7.0 Welcome" : "535 5.7.8 Wrong user or password");
    }

    private async Task<string> AskAsync(string challenge)
    {
        await SayAsync("334 " + challenge);
        string answer = Encoding.Latin1.GetString(await ReadLineAsync());
        _host.Note("C: " + answer);
        return answer;
    }

    private async Task MailAsync()
    {
        _transaction++;
        _rcpts = 0;
        _recipients.Clear();
        _mail = _line;
        if (!(await AnswerAsync(_host.OnMail, "250 2.1.0 Sender ok")).StartsWith('2'))
        {
            _mail = "";
        }
    }

    private async Task RcptAsync()
    {
        _rcpts++;
        if (_mail.Length == 0)
        {
            await SayAsync("503 5.5.1 MAIL first");
        }
        else if ((await AnswerAsync(_host.OnRcpt, "250 2.1.5 Recipient ok", _rcpts)).StartsWith('2'))
        {
            _recipients.Add(_line);
        }
    }

    private async Task DataAsync()
    {
        FakeAnswer usual = _recipients.Count > 0 ? "354 Go on, end with a dot" : "503 5.5.1 RCPT first";
        if (!(await AnswerAsync(_host.OnData, usual)).StartsWith("354", StringComparison.Ordinal))
        {
            return;
        }

        byte[]? wire = await ReadContentAsync();
        if (wire is not null)
        {
            await TakeAsync(wire, FakeContent.Unstuff(wire), _host.OnEndOfData);
        }
    }

    private async Task BdatAsync()
    {
        string[] words = _line.Split(' ');
        int octets = int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture);
        byte[] chunk = new byte[octets];
        await ReadExactlyAsync(chunk);
        bool last = words.Length > 2 && words[2].Equals("LAST", StringComparison.OrdinalIgnoreCase);
        if (_recipients.Count == 0)
        {
            await SayAsync("503 5.5.1 RCPT first");
            return;
        }

        _chunks.AddRange(chunk);
        if (!last)
        {
            await AnswerAsync(_host.OnBdat, $"250 2.0.0 {octets} octets");
            return;
        }

        byte[] content = [.. _chunks];
        await TakeAsync(content, content, _host.OnBdat);
    }

    private async Task TakeAsync(byte[] wire, byte[] content, Func<FakeStep, FakeAnswer>? script)
    {
        FakeContent.Check(wire, _host.NoteViolation);
        var mail = new CapturedMail
        {
            Session = _number, MailCommand = _mail, RcptCommands = [.. _recipients], Wire = wire, Content = content, User = _user,
        };
        var step = new FakeStep(_number, _transaction, _line, 0, wire.Length);
        EndTransaction();
        FakeAnswer answer = script?.Invoke(step) ?? (mail.RcptCommands.Count > 0 ? "250 2.0.0 Taken" : "554 5.5.1 No valid recipients");
        bool taken = answer.Octets is [(byte)'2', ..];

        // Before the reply: a client that has read 250 may look for it at once.
        if (taken)
        {
            await answer.After.WaitAsync(_host.Closing);
            _host.Take(mail);
        }

        await PlayAsync(answer);
    }

    private void EndTransaction()
    {
        _mail = "";
        _recipients.Clear();
        _chunks.Clear();
    }

    private async Task SecureAsync()
    {
        if (_start < _end)
        {
            _host.NoteViolation("Octets before the TLS handshake.");
        }

        var tls = new SslStream(_stream);
        await tls.AuthenticateAsServerAsync(
            (_, hello, _, _) =>
            {
                _host.ServerName = hello.ServerName.Length == 0 ? null : hello.ServerName;
                return ValueTask.FromResult(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = SslStreamCertificateContext.Create(_host.Certificate, _host.Intermediates, offline: true),
                    EnabledSslProtocols = _host.Protocols,
                    ClientCertificateRequired = _host.WantsClientCertificate,
                    RemoteCertificateValidationCallback = (_, certificate, _, _) => _host.Meet(certificate),
                });
            },
            null,
            _host.Closing);
        _stream = tls;
        _secured = true;
    }

    private Task SayAsync(string reply) => PlayAsync(reply);

    /// <summary>Does what the script says, or else the usual, and tells what was said.</summary>
    private async Task<string> AnswerAsync(Func<FakeStep, FakeAnswer>? script, FakeAnswer usual, int recipient = 0)
    {
        FakeAnswer answer = script?.Invoke(new FakeStep(_number, _transaction, _line, recipient)) ?? usual;
        await PlayAsync(answer);
        return Encoding.Latin1.GetString(answer.Octets);
    }

    private async Task PlayAsync(FakeAnswer answer)
    {
        await answer.After.WaitAsync(_host.Closing);
        if (answer.Octets.Length > 0)
        {
            _host.Note("S: " + Encoding.Latin1.GetString(answer.Octets.AsSpan(0, Math.Min(answer.Octets.Length, 2000))).TrimEnd('\r', '\n'));
            for (long time = 0; time < answer.Times; time++)
            {
                _host.Said(answer.Octets.Length);
                await _stream.WriteAsync(answer.Octets, _host.Closing);
                await _stream.FlushAsync(_host.Closing);
            }
        }

        if (answer.Ending == FakeEnding.Silence)
        {
            await SwallowAsync();
        }

        if (answer.Ending == FakeEnding.Reset)
        {
            _reset();
            throw new IOException("The script tore the connection away.");
        }

        if (answer.Ending == FakeEnding.Close)
        {
            // An end without close_notify, as a program that dies leaves it.
            await _connection.DisposeAsync();
            throw new IOException("The script closed the connection.");
        }
    }

    private async Task<byte[]> ReadLineAsync()
    {
        var line = new List<byte>();
        while (true)
        {
            if (_start == _end)
            {
                await FillAsync();
            }

            byte octet = _input[_start++];
            if (octet == '\n')
            {
                if (line is [.., (byte)'\r'])
                {
                    line.RemoveAt(line.Count - 1);
                    return [.. line];
                }

                _host.NoteViolation("A command ended in LF alone.");
            }
            else if (octet is < 0x20 and not (byte)'\r' or 0x7F || line is [.., (byte)'\r'])
            {
                _host.NoteViolation($"Octet {octet:x2} in a command.");
            }

            line.Add(octet);
        }
    }

    /// <summary>Reads up to CRLF.CRLF; <c>null</c> if the script spoke in the middle.</summary>
    private async Task<byte[]?> ReadContentAsync()
    {
        var content = new FakeContent();
        while (true)
        {
            if (_start == _end)
            {
                await FillAsync();
            }

            _start += content.Append(_input.AsSpan(_start, _end - _start));
            if (content.IsComplete)
            {
                return content.ToArray();
            }

            FakeAnswer? early = _host.OnBody?.Invoke(new FakeStep(_number, _transaction, _line, 0, content.Octets));
            if (early is not null)
            {
                await PlayAsync(early);
                if (early.Octets.Length > 0)
                {
                    await SwallowAsync();
                }
            }
        }
    }

    /// <summary>Reads whatever comes until the client hangs up.</summary>
    private async Task SwallowAsync()
    {
        while (true)
        {
            await FillAsync();
        }
    }

    private async Task ReadExactlyAsync(byte[] octets)
    {
        for (int filled = 0; filled < octets.Length;)
        {
            if (_start == _end)
            {
                await FillAsync();
            }

            int count = Math.Min(_end - _start, octets.Length - filled);
            _input.AsSpan(_start, count).CopyTo(octets.AsSpan(filled));
            _start += count;
            filled += count;
        }
    }

    private async Task FillAsync()
    {
        int count = await _stream.ReadAsync(_input, _host.Closing);
        if (count == 0)
        {
            throw new EndOfStreamException("The client hung up.");
        }

        (_start, _end) = (0, count);
    }

    private static string Decode(string base64)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException)
        {
            return "";
        }
    }
}
