using System.IO.Pipelines;
using System.Net.Sockets;
using RelayProxy.Smtp;

namespace RelayProxy.Upstream;

/// <content>From nothing to a session that is ready for MAIL. The steps are in <see cref="OpenStepsAsync"/>; each returns what is wrong, or
/// <c>null</c>. Whatever goes wrong here is the smarthost's or the operator's to mend: no message is to blame.</content>
internal sealed partial class SmarthostConnection
{
    private DeliveryStage _stage = DeliveryStage.Resolve;

    internal static async ValueTask<(SmarthostConnection? Connection, SessionFailure? Failure)> OpenAsync(
        SmarthostConnector connector, SmarthostOptions options, CancellationToken cancellationToken)
    {
        var connection = new SmarthostConnection(connector, options);
        if (await connection.TryOpenAsync(cancellationToken) is not { } failure)
        {
            return (connection, null);
        }

        await connection.DisposeAsync();
        return (null, failure);
    }

    /// <summary>Opens a session to see what is there, and closes it again.</summary>
    internal static async ValueTask<SmarthostProbe> ProbeAsync(
        SmarthostConnector connector, SmarthostOptions options, CancellationToken cancellationToken)
    {
        await using var connection = new SmarthostConnection(connector, options);
        SessionFailure? failure = await connection.TryOpenAsync(cancellationToken);
        return new SmarthostProbe(connection.Smarthost, connection.Facts, connection.Capabilities, failure);
    }

    private async ValueTask<SessionFailure?> TryOpenAsync(CancellationToken cancellationToken)
    {
        SessionFailure? failure;
        using (var deadline = new Deadline(_connector.Clock, cancellationToken))
        {
            try
            {
                failure = await OpenStepsAsync(deadline, cancellationToken);
            }
            catch (Exception exception) when (IsFarSide(exception, deadline))
            {
                failure = Lost(exception);
            }
            catch
            {
                Abort();
                throw;
            }
        }

        if (failure is null)
        {
            Log.Opened(_logger, Smarthost, Facts.RemoteAddress?.ToString() ?? "(no address)",
                Facts.TlsVersion.Length == 0 ? "no TLS" : Facts.TlsVersion, Facts.Mechanism.Length == 0 ? "nothing" : Facts.Mechanism);
        }
        else
        {
            Log.Refused(_logger, Smarthost, failure.Fault, failure.Stage, failure.Reply);
        }

        return failure;
    }

    /// <summary>Whether an exception tells of the far side, or of our patience with it, and not of a fault of ours or of a shutdown.</summary>
    internal static bool IsFarSide(Exception exception, Deadline deadline) => exception switch
    {
        IOException or SocketException or ReplyFormatException or ObjectDisposedException => true,
        OperationCanceledException => deadline.Passed,
        _ => false,
    };

    private async ValueTask<SessionFailure?> OpenStepsAsync(Deadline deadline, CancellationToken cancellationToken)
    {
        // Secrets first: a login that cannot be made should not keep a smarthost waiting.
        SmarthostSecrets secrets;
        try
        {
            secrets = await _connector.Credentials.ReadAsync(Options, cancellationToken);
        }
        catch (SecretUnavailableException exception)
        {
            return Misconfigured(DeliveryStage.Resolve, exception.Message);
        }

        KeepOut(secrets.Password);
        KeepOut(secrets.AccessToken);
        if (_host.Length == 0)
        {
            return Misconfigured(DeliveryStage.Resolve, "Smarthost:Host is not set");
        }

        return await DialAsync(cancellationToken)
            ?? (Options.Tls == SmarthostTls.Implicit ? await SecureAsync(deadline) : null)
            ?? await ReadGreetingAsync(deadline)
            ?? await SayHelloAsync(deadline)
            ?? (Options.Tls == SmarthostTls.StartTls ? await StartTlsAsync(deadline) : null)
            ?? await LogInAsync(secrets, deadline);
    }

    private async ValueTask<SessionFailure?> DialAsync(CancellationToken cancellationToken)
    {
        try
        {
            DialedStream dialed = await _connector.Dialer.DialAsync(_host, Options.Port, Options.ConnectTimeout, cancellationToken);
            _transport = dialed.Stream;
            Use(_transport);
            Facts = Facts with { RemoteAddress = dialed.RemoteAddress };
            return null;
        }
        catch (SocketException exception)
        {
            return Away(DeliveryStage.Resolve, new SmtpReply(421, 4, 3, $"look up {_host}: {exception.Message}"));
        }
        catch (OwnListenerException exception)
        {
            return Misconfigured(DeliveryStage.Connect, exception.Message);
        }
        catch (IOException exception)
        {
            return Away(DeliveryStage.Connect, new SmtpReply(421, 4, 1, exception.Message));
        }
    }

    private async ValueTask<SessionFailure?> ReadGreetingAsync(Deadline deadline)
    {
        _stage = DeliveryStage.Greeting;
        SmtpReply greeting = await ReadReplyAsync(deadline, Options.ReplyTimeout);
        Facts = Facts with { Greeting = greeting.Text.Split('\n')[0] };

        // Anything but 220 is not a mail server that wants mail from us; whatever else it is (another protocol on this port, RFC 8996
        // aside), it hears no more from us.
        _greeted = greeting.Code == 220;
        return _greeted ? null : new SessionFailure(DeliveryStage.Greeting, SessionFault.Away, greeting, FromSmarthost: true);
    }

    private SessionFailure Lost(Exception exception)
    {
        IsBroken = true;
        string what = exception switch
        {
            OperationCanceledException => _stage == DeliveryStage.Tls
                ? $"no TLS handshake within {Options.TlsTimeout.TotalSeconds:0} s"
                : $"no reply within {Options.ReplyTimeout.TotalSeconds:0} s",
            ReplyFormatException => $"does not speak SMTP: {exception.Message}",
            ObjectDisposedException => "connection closed",
            _ => exception.Message,
        };
        string hint = _stage == DeliveryStage.Greeting && Options is { Port: 465, Tls: not SmarthostTls.Implicit }
            ? "; port 465 expects TLS at once: set Smarthost:Tls=Implicit"
            : "";
        StatusDetail status = exception is ReplyFormatException ? new StatusDetail(5, 0) : new StatusDetail(4, 2);
        return Away(_stage, new SmtpReply(421, status, $"{Smarthost} {StageText(_stage)}: {what}{hint}"));
    }

    private static string StageText(DeliveryStage stage) => stage switch
    {
        DeliveryStage.Tls => "during the TLS handshake",
        DeliveryStage.Greeting => "while waiting for its greeting",
        DeliveryStage.Ehlo => "at EHLO",
        DeliveryStage.StartTls => "at STARTTLS",
        DeliveryStage.Auth => "at AUTH",
        _ => "while connecting",
    };

    private static SessionFailure Away(DeliveryStage stage, SmtpReply reply) => new(stage, SessionFault.Away, reply, FromSmarthost: false);

    private static SessionFailure Misconfigured(DeliveryStage stage, string why) =>
        new(stage, SessionFault.Misconfigured, new SmtpReply(451, 3, 5, why), FromSmarthost: false);

    /// <summary>Trust is a matter of the stage: X.7.5, cryptographic failure (RFC 3463 §3.8).</summary>
    private static SessionFailure Untrusted(DeliveryStage stage, string why) =>
        new(stage, SessionFault.Untrusted, new SmtpReply(454, 7, 5, why), FromSmarthost: false);

    /// <summary>Speaks over this stream from now on.</summary>
    private void Use(Stream stream)
    {
        _stream = stream;
        _input = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        _replies = new ReplyReader(_input) { Veil = _veil.Over };
    }

    private async ValueTask<SmtpReply> ReadReplyAsync(Deadline deadline, TimeSpan bound)
    {
        deadline.Start(bound);
        SmtpReply reply = await _replies.ReadAsync(deadline.Token);
        deadline.Stop();
        Log.Received(_logger, Smarthost, reply);
        return reply;
    }

    /// <summary>Says one command and hears its reply.</summary>
    private async ValueTask<SmtpReply> AskAsync(string command, Deadline deadline)
    {
        RefuseUnsolicited();
        Log.Sent(_logger, Smarthost, command);
        _commands.Clear();
        _commands.Add(command);
        deadline.Start(Options.ReplyTimeout);
        await _stream.WriteAsync(_commands.Octets, deadline.Token);
        return await ReadReplyAsync(deadline, Options.ReplyTimeout);
    }

    /// <summary>A reply that comes before its command is not ours: somebody put it there, or replies and commands have lost step. A
    /// command said now would be taken for answered.</summary>
    private void RefuseUnsolicited()
    {
        if (_replies.HasUnsolicited())
        {
            throw new IOException("it spoke, or hung up, without having been asked");
        }
    }
}
